package pbservice

import (
	"net"
	"net/rpc"
	"reflect"
	"testing"

	"cluster/splitbrain/netsim/env"

	"github.com/google/go-cmp/cmp"
)

// fill sets all that v consists of, each part to a value of its own.
func fill(v reflect.Value, next *int) {
	*next++
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), next)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.String:
		v.SetString(string(rune('a' + *next)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(*next % 200))
	case reflect.Uint, reflect.Uint64:
		v.SetUint(uint64(*next) << 40)
	default:
		v.SetInt(int64(*next) << 20)
	}
}

// packed are all messages that are packed.
var packed = []env.Packed{&GetArgs{}, &PutAppendArgs{}, &Reply{}, &ForwardArgs{}, &ForwardReply{}}

// sent is what arrives of m.
func sent(t *testing.T, m env.Packed) any {
	t.Helper()
	here, there := net.Pipe()
	defer here.Close()
	go env.NewClientCodec(here).WriteRequest(&rpc.Request{ServiceMethod: "A.B"}, m) // ends when it was read
	codec := env.NewServerCodec(there)
	got := reflect.New(reflect.TypeOf(m).Elem()).Interface()
	if err := codec.ReadRequestHeader(new(rpc.Request)); err != nil {
		t.Fatal(err)
	}
	if err := codec.ReadRequestBody(got); err != nil {
		t.Fatal(err)
	}
	return got
}

// TestPackedMessagesArriveWhole: no field is forgotten.
func TestPackedMessagesArriveWhole(t *testing.T) {
	for _, m := range packed {
		empty := reflect.New(reflect.TypeOf(m).Elem()).Interface().(env.Packed)
		if got := sent(t, empty); !reflect.DeepEqual(got, empty) {
			t.Errorf("of an empty %T %+v arrived", m, got)
		}
		fill(reflect.ValueOf(m).Elem(), new(int))
		if diff := cmp.Diff(m, sent(t, m).(env.Packed)); diff != "" {
			t.Errorf("%T:\n%s", m, diff)
		}
	}
}

// TestPackedMessagesAreBounded: a message can't be of many more bytes in memory than it has been sent.
func TestPackedMessagesAreBounded(t *testing.T) {
	for name, m := range map[string]*ForwardArgs{
		"operations": {Ops: make([]Op, maxOps+1)},
		"entries":    {Chunk: &Chunk{Filter: make([]FilterEntry, DefaultChunkKeys+1)}},
		"pairs":      {Chunk: &Chunk{Pairs: make([]Pair, DefaultChunkKeys+1)}},
	} {
		if err := env.Unpack(m.Pack(nil), &ForwardArgs{}); err == nil {
			t.Errorf("too many %s were taken", name)
		}
	}
	whole := &ForwardArgs{}
	fill(reflect.ValueOf(whole).Elem(), new(int))
	b := whole.Pack(nil)
	for n := range b {
		if env.Unpack(b[:n], &ForwardArgs{}) == nil {
			t.Errorf("the first %d bytes of %d were taken", n, len(b))
		}
	}
}
