// Package capture turns packets into segments and carries them in and out of
// files. It is the only package that knows link layers and file formats; what
// leaves it is a [tcpwin.Segment] with the tuple it belongs to.
//
// To read a capture, [Open] it and call [Reader.Next] until [io.EOF]; each
// [Packet] names the [Interface] at which it was seen, and [DecodeIP] gives the
// segment in it. Packets without one are told apart by the error. The formats
// are pcapng (draft-ietf-opsawg-pcapng) and the classic pcap
// (draft-ietf-opsawg-pcap).
//
// To write one, [Create] a file, or use a [Writer] for any other stream. The
// format is pcapng, with times in nanoseconds and a comment on any packet,
// which Wireshark shows. A [File] that meets a full disk stays readable.
//
// Files come from anywhere: whatever a file claims, reading it neither panics
// nor takes more than 1 MiB on the file's word. Both decoder and reader are
// fuzzed, and the decoder is held to gopacket's own.
package capture
