// Package export writes connections as pcapng files of their own, with the diagnosis
// as comments: on the frames what they show, where stalls begin and end and what proves
// them, and on the whole file who held the sender and who must act.
//
// [Files] takes the packets from capture files, [Memory] from those of a source that
// lasts, as far as they are still kept.
package export
