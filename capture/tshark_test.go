package capture

import (
	"os/exec"
	"path/filepath"
	"testing"

	"flowlab/internal/need"
)

// TestTsharkReadsIt holds the writer to another reader of the format: names,
// nanoseconds, lengths and comments are as they were written.
func TestTsharkReadsIt(t *testing.T) {
	tshark := need.Program(t, "tshark")

	path := filepath.Join(t.TempDir(), "lab.pcapng")
	f, err := Create(path, []Interface{
		{Name: "client", LinkType: RawIP},
		{Name: "server", LinkType: RawIP, SnapLen: 52},
	}, FileOptions{})
	if err != nil {
		t.Fatal(err)
	}
	packet := bytesOf(t, ip4, tcpSYN, synOpt)
	for i, comment := range []string{"", "zero window: the reader stopped"} {
		p := Packet{Time: 1_700_000_000_123_456_789, Interface: i, Data: packet, Length: len(packet)}
		if err := f.Write(p, comment); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	out, err := exec.Command(tshark, "-r", path, "-T", "fields", "-E", "separator=|",
		"-e", "frame.interface_name", "-e", "frame.time_epoch", "-e", "frame.cap_len", "-e", "frame.len",
		"-e", "tcp.flags.syn", "-e", "frame.comment").Output()
	if err != nil {
		t.Fatal(err)
	}
	want := `client|1700000000.123456789|60|60|1|
server|1700000000.123456789|52|60|1|zero window: the reader stopped
`
	if string(out) != want {
		t.Errorf("tshark reads\n%swant\n%s", out, want)
	}
}
