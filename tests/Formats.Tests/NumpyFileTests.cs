using System.Text;
using ZooPlatform.Formats.Tensors;
using ZooPlatform.Tests.Support;

namespace ZooPlatform.Formats.Tests;

public class NumpyFileTests
{
    [Fact]
    public void An_array_is_read()
    {
        var tensor = NumpyFile.Read("x", Npy("{'descr': '<i2', 'fortran_order': False, 'shape': (1, 2,), }", [1, 0, 255, 255]));
        Assert.Equal("x: int16[1,2]", tensor.ToString());
        Assert.Equal([1d, -1d], [tensor.At(0), tensor.At(1)]);
    }

    [Theory]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", "not read")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", "not read")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", "column order")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "needs 8 bytes")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", "whole number")]
    [InlineData("__import__('os')", "type and a shape")]
    public void What_is_no_plain_array_says_why(string header, string says) =>
        Assert.Contains(says, Assert.Throws<InvalidDataException>(() => NumpyFile.Read("x", Npy(header, new byte[4]))).Message);

    [CorpusFact]
    public void Arrays_of_the_collection_are_read_unless_they_hold_objects()
    {
        Assert.Equal("x: int32[2,2]", NumpyFile.Read("x", Bytes("numpy/int_array_npy/int_array.npy")).ToString());
        Assert.Throws<InvalidDataException>(() => NumpyFile.Read("x", Bytes("numpy/object_array_npy/object_array.npy")));
    }

    private static byte[] Bytes(string path) => File.ReadAllBytes(Corpus.FullPath(path));

    private static byte[] Npy(string header, byte[] data) => [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.Latin1.GetBytes(header), .. data];
}
