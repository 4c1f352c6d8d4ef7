package sockets

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Processes finds who holds sockets, in /proc. Only those processes are found whose
// files this one may look at: its user's own, or all with CAP_SYS_PTRACE. What was
// found is remembered, and /proc is read again only for sockets that were not looked
// for before. The zero value is ready.
type Processes struct {
	byInode map[uint32]*Process // nil for one that was not found
}

// Find looks for the holders of sockets, by their inodes.
func (p *Processes) Find(inodes []uint32) {
	missing := map[uint32]bool{}
	for _, inode := range inodes {
		if _, known := p.byInode[inode]; !known && inode != 0 {
			missing[inode] = true
		}
	}
	if len(missing) == 0 {
		return
	}
	if p.byInode == nil || len(p.byInode) > most {
		p.byInode = map[uint32]*Process{}
	}
	for inode := range missing {
		p.byInode[inode] = nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return // without /proc nobody is found
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		p.look(pid, missing)
		if len(missing) == 0 {
			return
		}
	}
}

// most is how many sockets are remembered before all are looked for again.
const most = 1 << 17

// look takes the sockets that a process holds out of those that are missing.
func (p *Processes) look(pid int, missing map[uint32]bool) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	folder, err := os.Open(dir + "/fd")
	if err != nil {
		return // it has ended, or is another user's
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return
	}
	var own *Process
	for _, name := range names {
		target, err := os.Readlink(dir + "/fd/" + name)
		if err != nil {
			continue
		}
		number, ok := strings.CutPrefix(target, "socket:[")
		if !ok {
			continue
		}
		inode, err := strconv.ParseUint(strings.TrimSuffix(number, "]"), 10, 32)
		if err != nil || !missing[uint32(inode)] {
			continue
		}
		if own == nil {
			own = describe(pid, dir)
		}
		p.byInode[uint32(inode)] = own
		delete(missing, uint32(inode))
	}
}

// describe reads what is known of a process.
func describe(pid int, dir string) *Process {
	p := &Process{PID: pid}
	if name, err := os.ReadFile(dir + "/comm"); err == nil {
		p.Name = strings.TrimSpace(string(name))
	}
	if text, err := os.ReadFile(dir + "/cgroup"); err == nil {
		p.place(string(text))
	}
	return p
}

// Of returns who holds a socket, by its inode; nil if that is not known.
func (p *Processes) Of(inode uint32) *Process { return p.byInode[inode] }
