package peer

// messages finds where gRPC messages end in the bytes of a stream.
type messages struct {
	prefix [grpcPrefix]byte
	have   int   // octets of the prefix
	left   int64 // bytes of the message that are still to come
	at     int64 // bytes seen
	ends   []int64
}

// feed takes the next bytes.
func (m *messages) feed(data []byte) {
	for len(data) > 0 {
		if m.have < grpcPrefix {
			n := copy(m.prefix[m.have:], data)
			m.have += n
			m.at += int64(n)
			data = data[n:]
			if m.have < grpcPrefix {
				return
			}
			m.left = int64(m.prefix[1])<<24 | int64(m.prefix[2])<<16 | int64(m.prefix[3])<<8 | int64(m.prefix[4])
		}
		n := min(m.left, int64(len(data)))
		m.left -= n
		m.at += n
		data = data[n:]
		if m.left == 0 {
			m.ends = append(m.ends, m.at)
			m.have = 0
		}
	}
}

// through returns the end of the last message that ends within the first n bytes, and
// forgets those before it; 0 if none does that has not been asked for.
func (m *messages) through(n int64) (end int64) {
	i := 0
	for i < len(m.ends) && m.ends[i] <= n {
		end = m.ends[i]
		i++
	}
	m.ends = m.ends[i:]
	return end
}
