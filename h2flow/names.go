package h2flow

import (
	"strconv"
	"strings"

	"golang.org/x/net/http2/hpack"
)

const (
	// longestName is how many bytes of a header's value are read.
	longestName = 16 << 10
	// largestTable is the largest table of headers that is followed (RFC 7541 4.2).
	largestTable = 1 << 20
)

// names reads the header blocks of one direction (RFC 9113 4.3). They refer to
// earlier ones, so that after one that was not seen whole no other can be read.
type names struct {
	decoder *hpack.Decoder
	lost    bool
	said    said
}

// said is what a header block says of its stream.
type said struct {
	path   string
	grpc   bool
	length int64 // content-length in bytes, 0 if there is none
}

// read reads on in a block.
func (n *names) read(b []byte) {
	if n.lost {
		return
	}
	if n.decoder == nil {
		n.decoder = hpack.NewDecoder(4096, n.field)
		n.decoder.SetMaxStringLength(longestName)
		n.decoder.SetAllowedMaxDynamicTableSize(largestTable)
	}
	if _, err := n.decoder.Write(b); err != nil {
		n.lose()
	}
}

// end ends a block, and returns what it says.
func (n *names) end() said {
	if !n.lost && n.decoder != nil && n.decoder.Close() != nil {
		n.lose()
	}
	of := n.said
	n.said = said{}
	return of
}

// lose gives the names up.
func (n *names) lose() { *n = names{lost: true} }

func (n *names) field(f hpack.HeaderField) {
	switch f.Name {
	case ":path":
		n.said.path = f.Value
	case "content-type":
		n.said.grpc = strings.HasPrefix(f.Value, "application/grpc") && !strings.HasPrefix(f.Value, "application/grpc-web")
	case "content-length":
		if length, err := strconv.ParseInt(f.Value, 10, 64); err == nil && length > 0 {
			n.said.length = length
		}
	}
}
