// Package capture turns packets into segments and carries them in and out of
// files. It is the only package that knows link layers and file formats; what
// leaves it is a [tcpwin.Segment] with the tuple it belongs to.
//
// To read a capture, [Open] it and call [Reader.Next] until [io.EOF]; each
// [Packet] names the [Interface] at which it was seen, and [Decoder.Decode] gives
// the segment in it. A packet's data is valid until the next call only. Packets
// without a segment are told apart by the error. The formats are pcapng
// (draft-ietf-opsawg-pcapng), the classic pcap (draft-ietf-opsawg-pcap) and snoop
// (RFC 1761), each also compressed by gzip or zstd. A file that cannot be read to
// its end gives all packets up to there, and then a [ReadError] with the place.
//
// To write one, [Create] a file, or use a [Writer] for any other stream. The
// format is pcapng, with times in nanoseconds and a comment on any packet,
// which Wireshark shows. A [File] that meets a full disk stays readable.
//
// Files come from anywhere: whatever a file claims, reading it neither panics
// nor takes more memory than twice what was really read, and never more than
// 16 MiB for a record, 16 MiB for interfaces' names, 16 MiB for secrets, and the
// window of a zstd stream, at most 128 MiB. Both decoder and reader are fuzzed,
// and held to gopacket's decoder and to tshark.
package capture
