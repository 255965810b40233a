package pbservice_test

import (
	"context"
	"fmt"
	"net"
	"net/rpc"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

func dial(ctx context.Context, addr string) (rpc.ClientCodec, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return env.NewClientCodec(conn), nil
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return l
}

// A viewservice, two servers and a client on sockets.
func Example() {
	const interval, deadPings = 10 * time.Millisecond, 5

	door := listen()
	views, err := viewservice.NewServer(viewservice.Config{PingInterval: interval, DeadPings: deadPings}, env.System)
	if err != nil {
		panic(err)
	}
	defer views.Close()
	go views.Serve(door) // ends with Close

	for range 2 {
		l := listen()
		server, err := pbservice.NewServer(pbservice.ServerConfig{
			Config: pbservice.Config{Me: l.Addr().String(), Boot: uint64(time.Now().UnixNano()), DeadPings: deadPings},
			Views:  door.Addr().String(), PingInterval: interval, Clock: env.System, Dial: dial,
		})
		if err != nil {
			panic(err)
		}
		defer server.Close()
		go server.Serve(l) // ends with Close
	}

	clerk := pbservice.NewClerk(pbservice.ClerkConfig{
		Client: "c1", Views: door.Addr().String(), PingInterval: interval, DeadPings: deadPings,
		Clock: env.System, Dial: dial,
	})
	defer clerk.Close()
	ctx := context.Background()
	fmt.Println(clerk.Put(ctx, "greeting", "hello"))
	fmt.Println(clerk.Append(ctx, "greeting", ", world"))
	fmt.Println(clerk.Get(ctx, "greeting"))
	// Output:
	// <nil>
	// <nil>
	// hello, world true <nil>
}
