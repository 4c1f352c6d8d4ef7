package traffic

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"time"
)

// DrawnOut is traffic that takes longer: twenty times as long between any two packets, and
// with silences, so that there are stalls.
type DrawnOut struct {
	Of      interface{ Write(io.Writer) error }
	Silence time.Duration // the mean of their lengths
	Every   int           // packets between two of them, on average
	Once    time.Duration // a silence in the middle
	Round   time.Duration // packets come at multiples of it; 0 for microseconds
	Seed    uint64
}

// Write writes the traffic as a classic capture file.
func (d DrawnOut) Write(w io.Writer) error {
	var made bytes.Buffer
	if err := d.Of.Write(&made); err != nil {
		return err
	}
	const head, record = 24, 16
	file, random := made.Bytes(), rand.New(rand.NewPCG(d.Seed, 0))
	var was, now time.Duration
	once := d.Once
	for rest := file[head:]; len(rest) > 0; {
		at := time.Duration(binary.LittleEndian.Uint32(rest))*time.Second + time.Duration(binary.LittleEndian.Uint32(rest[4:]))*time.Microsecond
		if now == 0 {
			was, now = at, at
		}
		now += 20 * (at - was)
		was = at
		if random.IntN(d.Every) == 0 {
			now += time.Duration(random.ExpFloat64() * float64(d.Silence))
		}
		if len(rest) < len(file)/2 {
			now += once
			once = 0
		}
		rounded := now
		if d.Round > 0 {
			rounded = now.Truncate(d.Round)
		}
		binary.LittleEndian.PutUint32(rest, uint32(rounded/time.Second))
		binary.LittleEndian.PutUint32(rest[4:], uint32(rounded%time.Second/time.Microsecond))
		rest = rest[record+binary.LittleEndian.Uint32(rest[8:]):]
	}
	_, err := w.Write(file)
	return err
}
