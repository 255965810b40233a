package env

import (
	"encoding/gob"
	"io"
	"net/rpc"
	"reflect"
)

// learnTypes makes gob know all that the methods of receiver take and return, before the first connection. Gob
// extends its table of types when it meets a new one, and reads it unguarded when it words an error about a stream
// that it can't decode: garbage on one connection must not race with the first message on another.
func learnTypes(receiver any) error {
	out := gob.NewEncoder(io.Discard)
	t := reflect.TypeOf(receiver)
	known := []reflect.Type{reflect.TypeFor[rpc.Request](), reflect.TypeFor[rpc.Response](), reflect.TypeFor[struct{}]()}
	for i := range t.NumMethod() {
		m := t.Method(i).Type // receiver, args, reply
		for k := 1; k < m.NumIn(); k++ {
			known = append(known, m.In(k))
		}
	}
	for _, k := range known {
		if k.Kind() == reflect.Pointer {
			k = k.Elem()
		}
		if err := out.EncodeValue(reflect.New(k)); err != nil {
			return err
		}
	}
	return nil
}
