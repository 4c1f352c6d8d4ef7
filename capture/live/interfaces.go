package live

import "net"

// Interface is one that can be captured on.
type Interface struct {
	Name string
	Up   bool
}

// Interfaces lists those of the process's own namespace.
func Interfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	list := make([]Interface, len(all))
	for i, f := range all {
		list[i] = Interface{Name: f.Name, Up: f.Flags&net.FlagUp != 0}
	}
	return list, nil
}
