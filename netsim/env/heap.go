package env

import "runtime/metrics"

// Heap is how many bytes of the program's heap were in use after the last garbage collection.
func Heap() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
