package process

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os"
	"sync"
	"time"

	"cluster/splitbrain/netsim/env"
)

// Secret is what all processes of a service may share, so that nobody else on the machine or the network is answered. Both
// sides of a connection prove that they know it, and neither tells it. Nothing is encrypted: whoever can read the
// network reads what is said, and whoever can change what it carries can take part. The zero Secret is none.
type Secret struct {
	file string
	key  []byte
}

// A secret that can be guessed from one sniffed proof is none.
const minSecret, maxSecret = 16, 4096

// Set reads the secret from a file that nobody else may read. With String and Type it makes a Secret a flag.
func (s *Secret) Set(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode(); mode.IsRegular() && mode.Perm()&0o077 != 0 {
		return fmt.Errorf("%s has mode %04o: others may use it; chmod 600 it", file, mode.Perm())
	} else if !mode.IsRegular() {
		return fmt.Errorf("%s is no file", file)
	}
	key, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return err
	}
	key = bytes.TrimRight(key, "\r\n")
	if len(key) < minSecret || len(key) > maxSecret {
		return fmt.Errorf("%s holds %d bytes: %d to %d make a secret", file, len(key), minSecret, maxSecret)
	}
	s.file, s.key = file, key
	return nil
}

func (s *Secret) String() string { return s.file }

// Type is what help calls the flag's argument.
func (s *Secret) Type() string { return "file" }

var (
	errSecretRefused = errors.New("the other side knows another secret")
	errSecretUnused  = errors.New("the other side uses no secret: give --secret everywhere, or nowhere")
)

// badSecret reports whether err says that two processes don't agree about a secret: no other attempt will help.
func badSecret(err error) bool {
	return errors.Is(err, env.ErrSecret) || errors.Is(err, errSecretRefused) || errors.Is(err, errSecretUnused)
}

// dial is an env.Dialer for real sockets.
func (s Secret) dial(ctx context.Context, addr string) (rpc.ClientCodec, error) {
	conn, err := connect(ctx, addr)
	if err != nil {
		return nil, err
	}
	if s.key != nil {
		stop := context.AfterFunc(ctx, func() { conn.Close() })
		defer stop()
		if err := s.offer(conn); err != nil {
			conn.Close()
			return nil, fmt.Errorf("%s: %w", addr, err)
		}
	}
	return env.NewClientCodec(conn), nil
}

// The two ends of a connection prove to each other that they know the secret. First the caller offers it; then
//
//	server   Challenge, nonce
//	caller   nonce, proof of both nonces as the caller
//	server   proof of both nonces as the server
const (
	nonceSize = 32
	proofTime = 5 * time.Second

	asCaller = "splitbrain caller"
	asServer = "splitbrain server"
)

func (s Secret) proof(as string, server, caller []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(as))
	h.Write(server)
	h.Write(caller)
	return h.Sum(nil)
}

// offer is the caller's side.
func (s Secret) offer(conn net.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(proofTime)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, env.Offer); err != nil {
		return err
	}
	hello := make([]byte, len(env.Challenge)+nonceSize)
	if _, err := io.ReadFull(conn, hello[:len(env.Challenge)]); err != nil {
		return err
	}
	if string(hello[:len(env.Challenge)]) != env.Challenge {
		return errSecretUnused
	}
	server, caller := hello[len(env.Challenge):], newNonce()
	if _, err := io.ReadFull(conn, server); err != nil {
		return err
	}
	if _, err := conn.Write(append(caller, s.proof(asCaller, server, caller)...)); err != nil {
		return err
	}
	theirs := make([]byte, sha256.Size)
	if _, err := io.ReadFull(conn, theirs); err != nil || !hmac.Equal(theirs, s.proof(asServer, server, caller)) {
		return errSecretRefused
	}
	return conn.SetReadDeadline(time.Time{})
}

func newNonce() []byte {
	b := make([]byte, nonceSize)
	rand.Read(b) // never fails
	return b
}

// listener returns l if there is no secret, else a listener whose connections carry nothing before the other end has proved
// that it knows the secret.
func (s Secret) listener(l net.Listener) net.Listener {
	if s.key == nil {
		return l
	}
	return &guarded{l, s}
}

type guarded struct {
	net.Listener
	secret Secret
}

func (l *guarded) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &guardedConn{Conn: conn}
	c.prove = sync.OnceValue(func() error { return l.secret.demand(conn) })
	return c, nil
}

// guardedConn asks for the proof when it is read first, so that no stranger holds up the listener.
type guardedConn struct {
	net.Conn
	prove func() error
}

func (c *guardedConn) Read(b []byte) (int, error) {
	if err := c.prove(); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// demand is the server's side.
func (s Secret) demand(conn net.Conn) error {
	if err := conn.SetReadDeadline(time.Now().Add(proofTime)); err != nil {
		return err
	}
	server := newNonce()
	if _, err := conn.Write(append([]byte(env.Challenge), server...)); err != nil {
		return err
	}
	said := make([]byte, len(env.Offer))
	if _, err := io.ReadFull(conn, said); err != nil {
		return err
	}
	if string(said) != env.Offer {
		return errors.New("a stranger offers no proof of the secret")
	}
	said = make([]byte, nonceSize+sha256.Size)
	if _, err := io.ReadFull(conn, said); err != nil {
		return err
	}
	caller, theirs := said[:nonceSize], said[nonceSize:]
	if !hmac.Equal(theirs, s.proof(asCaller, server, caller)) {
		return errSecretRefused
	}
	if _, err := conn.Write(s.proof(asServer, server, caller)); err != nil {
		return err
	}
	return conn.SetReadDeadline(time.Time{})
}
