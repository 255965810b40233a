package input

import (
	"io"
	"time"
)

// Reader reads a terminal. Each Read returns one key, or several that are text.
type Reader struct {
	chunks chan []byte // closed when nothing comes any more
	scan   scanner
	told   func(any)
}

// New is a Reader of src. What is no key is told, a Paste, a LostPaste, an Answer or Gone, by the goroutine that reads, between
// the keys that came before and after it. It reads ahead until src ends.
func New(src io.Reader, told func(any)) *Reader {
	r := &Reader{chunks: make(chan []byte), told: told}
	go r.pump(src)
	return r
}

func (r *Reader) pump(src io.Reader) {
	defer close(r.chunks)
	for {
		b := make([]byte, 4096)
		n, err := src.Read(b)
		if n > 0 {
			r.chunks <- b[:n]
		}
		if err != nil {
			return
		}
	}
}

// Read waits for the next key. What does not fit into p is lost: 256 bytes are always enough.
func (r *Reader) Read(p []byte) (int, error) {
	for {
		for len(r.scan.found) > 0 {
			found := r.scan.found[0]
			r.scan.found = r.scan.found[1:]
			if key, ok := found.([]byte); ok {
				return copy(p, key), nil
			}
			r.told(found)
		}
		if !r.wait() {
			r.told(Gone{})
			return 0, io.EOF
		}
	}
}

// step is what waiting is counted in. Who was stopped for a while, by a busy machine or by ctrl+z, has waited for one step
// at most, and then sees what came meanwhile.
const step = 10 * time.Millisecond

// wait waits for more, or until it is clear that nothing more belongs to what is there. It reports whether more can come.
func (r *Reader) wait() bool {
	limit := r.scan.patience()
	for waited := time.Duration(0); ; waited += step {
		var tick <-chan time.Time
		if limit > 0 {
			tick = time.After(step)
		}
		select {
		case b, more := <-r.chunks:
			if more {
				r.scan.feed(b)
			} else if limit > 0 {
				r.scan.giveUp()
			}
			return more || limit > 0
		case <-tick:
		}
		if limit > 0 && waited+step >= limit {
			r.scan.giveUp()
			return true
		}
	}
}
