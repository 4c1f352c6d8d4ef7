package grpcgo

import (
	"fmt"

	"google.golang.org/grpc/mem"
)

// message is what the codec takes and gives: the bytes of a message, as they are.
type message struct{ data []byte }

// codec leaves messages as they are.
type codec struct{}

// Name is part of the content type: application/grpc+raw. A server takes any.
func (codec) Name() string { return "raw" }

// Marshal copies the message, as the library may send it later.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(*message)
	if !ok {
		return nil, fmt.Errorf("encode a %T: want a *message", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(append([]byte(nil), m.data...))}, nil
}

// Unmarshal reuses the memory of the message before.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(*message)
	if !ok {
		return fmt.Errorf("decode into a %T: want a *message", v)
	}
	n := data.Len()
	if cap(m.data) < n {
		m.data = make([]byte, n)
	}
	m.data = m.data[:n]
	data.CopyTo(m.data)
	return nil
}
