package filter_test

import (
	"fmt"

	"flowlab/capture"
	"flowlab/capture/filter"
)

func ExampleCompile() {
	f, err := filter.Compile("tcp[tcpflags] & tcp-syn != 0 and port 443", capture.RawIP)
	if err != nil {
		fmt.Println(err)
		return
	}
	syn := []byte{
		0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2,
		0xC0, 0, 0x01, 0xBB, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x02, 0xFF, 0xFF, 0, 0, 0, 0,
	}
	fmt.Println(f.Match(syn, len(syn)))

	_, err = filter.Compile("tcp port https", capture.RawIP)
	fmt.Println(err)
	// Output:
	// true
	// filter expression, column 10: "https" is not the number of a port: use the number; names differ between machines
}
