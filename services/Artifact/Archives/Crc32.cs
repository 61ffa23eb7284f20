using System.Buffers.Binary;

namespace ZooPlatform.Artifact.Archives;

/// <summary>The CRC-32 of zip (polynomial 0xEDB88320), eight bytes at a step ("slicing by 8", Kounavis and Berry, 2005).</summary>
internal sealed class Crc32
{
    private static readonly uint[][] s_tables = Tables();
    private uint _state = 0xFFFF_FFFF;

    public uint Value => ~_state;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        var (state, tables) = (_state, s_tables);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            var low = state ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            state = tables[7][low & 0xFF] ^ tables[6][(low >> 8) & 0xFF] ^ tables[5][(low >> 16) & 0xFF] ^ tables[4][low >> 24]
                ^ tables[3][high & 0xFF] ^ tables[2][(high >> 8) & 0xFF] ^ tables[1][(high >> 16) & 0xFF] ^ tables[0][high >> 24];
        }
        foreach (var one in bytes) state = tables[0][(state ^ one) & 0xFF] ^ (state >> 8);
        _state = state;
    }

    private static uint[][] Tables()
    {
        var tables = Enumerable.Range(0, 8).Select(_ => new uint[256]).ToArray();
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++) value = (value & 1) == 0 ? value >> 1 : (value >> 1) ^ 0xEDB8_8320;
            tables[0][i] = value;
        }
        for (var table = 1; table < 8; table++)
            for (var i = 0; i < 256; i++)
                tables[table][i] = (tables[table - 1][i] >> 8) ^ tables[0][tables[table - 1][i] & 0xFF];
        return tables;
    }
}
