package env_test

import (
	"context"
	"fmt"
	"net"
	"net/rpc"
	"time"

	"cluster/splitbrain/netsim/env"
)

type Greeter struct{}

func (Greeter) Greet(name string, reply *string) error {
	*reply = "hello, " + name
	return nil
}

// A real process hands out the system's clock and sockets.
func Example() {
	door, err := env.NewServer("Greeter", Greeter{})
	if err != nil {
		panic(err)
	}
	defer door.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go door.Serve(l) // ends when door is closed

	dial := func(ctx context.Context, addr string) (rpc.ClientCodec, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, err
		}
		return env.NewClientCodec(conn), nil
	}
	caller := env.NewClient(env.System, dial, l.Addr().String())
	defer caller.Close()
	var reply string
	if err := caller.Call(context.Background(), time.Second, "Greeter.Greet", "s1", &reply); err != nil {
		panic(err)
	}
	fmt.Println(reply)
	// Output: hello, s1
}
