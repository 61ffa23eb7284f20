#!/bin/sh
# Runs a command in a root folder of its own that shows system libraries, .NET, the worker and one job, all read-only, and
# nothing else of this machine. Called by the Benchmark service inside fresh mount and pid namespaces.
#   sandbox.sh ROOT JOB WORKER DOTNET COMMAND...
set -eu
root=$1; job=$2; worker=$3; dotnet=$4; shift 4

show() {
    mkdir -p "$root$2"
    mount --rbind "$1" "$root$2"
    mount -o remount,bind,ro,nosuid "$root$2"
}

mount --make-rprivate /
mount -t tmpfs -o mode=755,size=1m,nosuid,nodev none "$root"
show /usr /usr
for folder in /bin /lib /lib64; do
    if [ -L "$folder" ]; then cp -P "$folder" "$root$folder"
    elif [ -d "$folder" ]; then show "$folder" "$folder"
    fi
done
show /sys/devices/system/cpu /sys/devices/system/cpu
show "$dotnet" /dotnet
show "$worker" /worker
show "$job" /job
mkdir "$root/proc"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -o remount,ro "$root"
exec chroot "$root" "$@"
