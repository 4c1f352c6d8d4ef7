package privilege

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Hint says how a process that may not capture packets gets to, on this system.
func Hint() string {
	own, err := os.Executable()
	if err != nil {
		own = "/path/to/flowlab"
	}
	return hint(runtime.GOOS, own)
}

func hint(system, program string) string {
	const lab = "; the lab (flowlab run) and capture files (flowlab analyze) need no privileges"
	switch system {
	case "linux":
		if strings.Contains(filepath.ToSlash(program), "/go-build") { // by go run
			return "build it first (go build ./cmd/flowlab), then: sudo setcap cap_net_raw=ep ./flowlab" + lab
		}
		return "sudo setcap cap_net_raw=ep " + quoted(program) + lab
	case "windows":
		return "install Npcap (https://npcap.com), and run flowlab as an administrator if it was installed for these only" + lab
	case "darwin":
		return "sudo chgrp admin /dev/bpf* && sudo chmod g+rw /dev/bpf*, which lasts until the next start, or Wireshark's ChmodBPF" + lab
	}
	return "run it as root" + lab
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t'\"\\$&;()<>|*?[]#~`!") {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
