package grpcgo

// messages reads and writes the messages of a call.
type messages struct {
	of interface {
		SendMsg(any) error
		RecvMsg(any) error
	}
	in, out message
}

func (m *messages) Read() ([]byte, error) {
	err := m.of.RecvMsg(&m.in)
	return m.in.data, err
}

func (m *messages) Write(b []byte) error {
	m.out.data = b
	return m.of.SendMsg(&m.out)
}
