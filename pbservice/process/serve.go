package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"time"

	"cluster/splitbrain/netsim/env"
	"cluster/splitbrain/pbservice"
	"cluster/splitbrain/viewservice"
)

// ViewsOptions describe a viewservice process.
type ViewsOptions struct {
	Listen string
	Marker string // the file that tells its next life of it (V9); "": one that goes with Listen
	Secret Secret
	New    bool // no server of an earlier boot runs any more: what that one has left does not count
	Log    *slog.Logger
	viewservice.Config
}

// ServeViews runs a viewservice until ctx ends. It tells out where it listens, and whether it remembers nothing (V9).
func ServeViews(ctx context.Context, out io.Writer, o ViewsOptions) error {
	if err := o.remember(); err != nil {
		return err
	}
	s, err := viewservice.NewServer(o.Config, env.System)
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := Listen(o.Listen)
	if err != nil {
		return err
	}
	if err := leaveMarker(o.Marker); err != nil {
		l.Close()
		return fmt.Errorf("can't note that a viewservice runs (V9): %w", err)
	}
	name := l.Addr().String()
	s.SetLog(o.Log)
	l = o.Secret.listener(l)
	announce(out, "viewservice", name, l)
	if o.Restarted {
		fmt.Fprintf(out, "viewservice %s: an earlier one ran here. This one forms no view, lest an empty server serve (V9). "+
			"When none of its servers runs any more, start a new service with --new\n", name)
	}
	err = serve(ctx, l, s.Serve)
	s.Close()
	o.Log.Info("ends", "because", context.Cause(ctx))
	if !o.Restarted && !s.Formed() && o.Marker != "" {
		err = errors.Join(err, os.Remove(o.Marker))
	}
	return err
}

// remember finds out whether the viewservice was restarted (V9).
func (o *ViewsOptions) remember() (err error) {
	if o.Marker == "" {
		if o.Marker, err = marker(o.Listen); err != nil {
			return err
		}
	}
	if o.New || o.Restarted {
		return nil
	}
	o.Restarted, err = ranBefore(o.Listen, o.Marker)
	return err
}

// ServerOptions describe a key/value server process.
type ServerOptions struct {
	Listen    string
	Advertise string // the address under which others reach it; "": the one it listens on
	Views     string
	Secret    Secret
	Log       *slog.Logger
	viewservice.Config
}

// ServeKeys runs a key/value server until ctx ends. It tells out where it listens.
func ServeKeys(ctx context.Context, out io.Writer, o ServerOptions) error {
	views, err := peer(o.Views)
	if err != nil {
		return err
	}
	l, err := Listen(o.Listen)
	if err != nil {
		return err
	}
	name, err := advertised(l, o.Advertise)
	if err != nil {
		l.Close()
		return err
	}
	s, err := pbservice.NewServer(pbservice.ServerConfig{
		Config: pbservice.Config{Me: name, Boot: uint64(time.Now().UnixNano()), DeadPings: o.DeadPings},
		Views:  views, PingInterval: o.PingInterval, Clock: env.System, Dial: o.Secret.dial, Log: o.Log,
	})
	if err != nil {
		l.Close()
		return err
	}
	defer s.Close()
	l = o.Secret.listener(l)
	announce(out, "server", name, l)
	err = serve(ctx, l, s.Serve)
	o.Log.Info("ends", "because", context.Cause(ctx))
	return err
}

func announce(out io.Writer, what, name string, l net.Listener) {
	fmt.Fprintf(out, "%s %s: listening\n", what, name)
	if _, secret := l.(*guarded); secret {
		fmt.Fprintf(out, "%s %s: answers who knows the secret; nothing is encrypted\n", what, name)
	} else if exposed(l) {
		fmt.Fprintf(out, "%s %s: can be reached from other machines; there is no authentication without --secret\n", what, name)
	}
}

// serve runs until the listener breaks or ctx ends, which is no error.
func serve(ctx context.Context, l net.Listener, run func(net.Listener) error) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	err := run(l)
	if ctx.Err() != nil {
		return nil
	}
	return err
}
