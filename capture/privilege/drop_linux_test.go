package privilege

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"flowlab/internal/need"
)

// confined tells the test binary that it is to drop and then to try what it
// must not be able to do; its value is the folder that is granted.
const confined = "FLOWLAB_TEST_CONFINED"

func TestMain(m *testing.M) {
	folder := os.Getenv(confined)
	if folder == "" {
		os.Exit(m.Run())
	}
	if err := try(folder); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func TestDrop(t *testing.T) {
	for _, c := range []struct {
		name string
		uid  uint32
	}{{"root", 0}, {"nobody", 65534}} {
		t.Run(c.name, func(t *testing.T) {
			need.Root(t)
			granted := t.TempDir()
			if err := os.WriteFile(filepath.Join(granted, "there"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			own, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			// Nobody must reach both.
			program := filepath.Join(granted, "program")
			if err := exec.Command("cp", own, program).Run(); err != nil {
				t.Fatal(err)
			}
			for dir := granted; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
				if err := errors.Join(os.Chmod(dir, 0o755), os.Chown(dir, int(c.uid), -1)); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chown(filepath.Join(granted, "there"), int(c.uid), -1); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(program)
			cmd.Env = append(os.Environ(), confined+"="+granted)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.uid, Gid: c.uid}}
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

// try drops everything but a folder, and returns what is possible nevertheless.
func try(folder string) error {
	abi, err := landlockABI()
	if err != nil {
		return fmt.Errorf("this kernel has no Landlock: %w", err)
	}
	secret := filepath.Join(filepath.Dir(folder), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o666); err != nil {
		return err
	}
	read := filepath.Join(filepath.Dir(folder), "keys")
	if err := os.WriteFile(read, []byte("keys"), 0o666); err != nil {
		return err
	}
	sockets, err := net.ListenUDP("udp", nil) // what is open stays open
	if err != nil {
		return err
	}
	keyLog, err := grown(filepath.Join(filepath.Dir(folder), "keylog"))
	if err != nil {
		return err
	}
	stop := make(chan struct{})
	defer close(stop)
	threads(stop, 4)
	made := filepath.Join(filepath.Dir(folder), "made")
	if err := os.Mkdir(made, 0o777); err != nil {
		return err
	}
	there := filepath.Join(made, "there")
	if err := os.WriteFile(there, []byte("secret"), 0o666); err != nil {
		return err
	}
	if err := Drop(Grant{Write: []string{folder}, Make: []string{made}, Read: []string{read}}); err != nil {
		return err
	}
	threads(stop, 4)
	var wrong []error
	must := func(what string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", what, err))
		}
	}
	mustNot := func(what string, err error) {
		if err == nil {
			wrong = append(wrong, fmt.Errorf("%s is possible", what))
		}
	}
	must("capabilities", noCapabilities())
	for _, path := range []string{secret, "/etc/passwd", "/etc/shadow", "/proc/1/environ", "/proc/self/mem", "/dev/mem"} {
		_, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		mustNot("reading "+path, err)
	}
	mustNot("writing "+secret, os.WriteFile(secret, nil, 0o666))
	mustNot("listing /", list("/"))
	mustNot("making a file beside the folder", os.WriteFile(secret+"2", nil, 0o666))
	mustNot("removing "+secret, os.Remove(secret))
	mustNot("writing "+read, os.WriteFile(read, nil, 0o666))
	_, err = os.ReadFile(keyLog.out.Name())
	mustNot("opening the key log again", err)
	must("reading what was added to the key log since", keyLog.readsOn())
	mustNot("running a program", exec.Command("/bin/true").Run())
	mustNot("a packet socket", packetSocket())
	if abi >= 4 {
		mustNot("a TCP connection", connect(unix.SOCK_STREAM))
	}

	_, err = os.ReadFile(read)
	must("reading what may be read", err)
	in := filepath.Join(folder, "out")
	must("making a file", os.WriteFile(in, []byte("x"), 0o666))
	must("renaming a file", os.Rename(in, in+"2"))
	must("reading a file", list(folder))
	must("removing a file", os.Remove(in+"2"))
	must("writing a file that is there", os.WriteFile(filepath.Join(folder, "there"), []byte("x"), 0o666))
	must("making a file where that is granted", os.WriteFile(filepath.Join(made, "new"), []byte("x"), 0o666))
	_, err = os.ReadFile(there)
	mustNot("reading a file there", err)
	mustNot("listing it", list(made))
	mustNot("removing a file there", os.Remove(there))
	mustNot("making a folder there", os.Mkdir(filepath.Join(made, "folder"), 0o777))
	must("what was open", sockets.SetDeadline(time.Now().Add(time.Second)))
	return errors.Join(wrong...)
}

// growing is a file that was opened before everything was given up: as flowlab does with
// a key log, and by the program that adds to it.
type growing struct{ in, out *os.File }

func grown(path string) (g growing, err error) {
	if g.out, err = os.Create(path); err != nil {
		return g, err
	}
	g.in, err = os.Open(path)
	return g, err
}

func (g growing) readsOn() error {
	if _, err := g.out.WriteString("a line"); err != nil {
		return err
	}
	text, err := io.ReadAll(g.in)
	if err == nil && string(text) != "a line" {
		err = fmt.Errorf("it has %q", text)
	}
	return err
}

// threads keeps so many threads busy until stop.
func threads(stop chan struct{}, n int) {
	for range n {
		started := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			close(started)
			<-stop
		}()
		<-started
	}
}

// noCapabilities asks the kernel for those of the calling thread. TestThreads
// looks at all of them.
func noCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return err
	}
	if data != [2]unix.CapUserData{} {
		return fmt.Errorf("there are %+v", data)
	}
	return nil
}

func list(path string) error {
	_, err := os.ReadDir(path)
	return err
}

func packetSocket() error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
	if err == nil {
		_ = unix.Close(fd)
	}
	return err
}

// connect connects to a port of this host; that nobody listens there is as good
// as a connection.
func connect(kind int) error {
	fd, err := unix.Socket(unix.AF_INET, kind, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: 9, Addr: [4]byte{127, 0, 0, 1}})
	if errors.Is(err, unix.ECONNREFUSED) {
		return nil
	}
	return err
}

func landlockABI() (int, error) {
	const version = 1 // LANDLOCK_CREATE_RULESET_VERSION
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, version)
	if errno != 0 {
		return 0, errno
	}
	return int(abi), nil
}

// TestThreads looks at a process that has dropped from outside: at each of its
// threads, those that began later too.
func TestThreads(t *testing.T) {
	need.Root(t)
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(own)
	cmd.Env = append(os.Environ(), waiting+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	said := make([]byte, 8)
	n, err := out.Read(said)
	if err != nil || !bytes.Equal(said[:n], []byte("ready\n")) {
		t.Fatalf("the process said %q, %v", said[:n], err)
	}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", cmd.Process.Pid))
	if err != nil || len(tasks) < 8 {
		t.Fatalf("%d threads, %v; want at least 8", len(tasks), err)
	}
	for _, path := range tasks {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ":\t")
			switch {
			case strings.HasPrefix(name, "Cap") && strings.Trim(value, "0") != "":
				t.Errorf("%s: %s %s", path, name, value)
			case name == "NoNewPrivs" && value != "1":
				t.Errorf("%s: %s %s", path, name, value)
			}
		}
	}
}

// waiting tells the test binary to drop, and to wait until standard input ends.
const waiting = "FLOWLAB_TEST_WAITING"

func init() {
	if os.Getenv(waiting) == "" {
		return
	}
	stop := make(chan struct{})
	threads(stop, 4)
	if err := Drop(Grant{}); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	threads(stop, 4)
	fmt.Println("ready")
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

func TestHint(t *testing.T) {
	for _, c := range []struct{ system, program, want string }{
		{"linux", "/usr/local/bin/flowlab", "sudo setcap cap_net_raw=ep /usr/local/bin/flowlab;"},
		{"linux", "/home/a b/flowlab", "sudo setcap cap_net_raw=ep '/home/a b/flowlab';"},
		{"linux", "/tmp/go-build12/b001/exe/flowlab", "build it first"},
		{"darwin", "/usr/local/bin/flowlab", "/dev/bpf*"},
		{"windows", `C:\flowlab.exe`, "Npcap"},
	} {
		if got := hint(c.system, c.program); !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q in it", c.system, got, c.want)
		}
	}
}
