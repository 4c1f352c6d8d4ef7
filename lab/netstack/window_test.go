package netstack

import (
	"fmt"
	"io"
	"testing"
	"time"

	"flowlab/flow"
	"flowlab/lab"
	"flowlab/tcpwin"
)

// windows returns what a port advertised after its SYN, in bytes.
func windows(list []observed, port int) (all []int) {
	scale := int8(0)
	for _, s := range list {
		switch {
		case s.port != port || !sentBy(s, port):
		case s.Has(tcpwin.SYN):
			scale = s.Scale
		case !s.Has(tcpwin.RST):
			all = append(all, int(s.Window)<<scale)
		}
	}
	return all
}
