package history

import (
	"testing"
	"time"

	"cluster/splitbrain/pbservice"
)

// op is one operation from call to back, in milliseconds; back 0 means that the outcome is unknown.
func op(client string, call, back int, kind pbservice.OpKind, value string) Operation {
	o := Operation{
		Client: client, Kind: kind, Key: "k", Call: time.Duration(call) * time.Millisecond,
		Return: time.Duration(back) * time.Millisecond, Outcome: Outcome{Known: back > 0},
	}
	if kind == pbservice.Get {
		o.Got, o.Found = value, value != ""
	} else {
		o.Value = value
	}
	return o
}

func TestCheck(t *testing.T) {
	const get, put, add = pbservice.Get, pbservice.Put, pbservice.Append
	tests := []struct {
		name string
		ops  []Operation
		want Result
	}{
		{"nothing", nil, Linearizable},
		{"one after the other", []Operation{op("a", 1, 2, put, "x"), op("b", 3, 4, add, "y"), op("a", 5, 6, get, "xy")}, Linearizable},
		{"overlapping, either order", []Operation{op("a", 1, 5, put, "x"), op("b", 2, 6, put, "y"), op("c", 7, 8, get, "x")}, Linearizable},
		{"stale read", []Operation{op("a", 1, 2, put, "x"), op("a", 3, 4, put, "y"), op("b", 5, 6, get, "x")}, Violated},
		{"lost write", []Operation{op("a", 1, 2, put, "x"), op("b", 3, 4, get, "")}, Violated},
		{"doubled append", []Operation{op("a", 1, 2, add, "x"), op("b", 3, 4, get, "xx")}, Violated},
		{"never written", []Operation{op("a", 1, 2, put, "x"), op("b", 3, 4, get, "z")}, Violated},
		{"value goes back", []Operation{op("a", 1, 9, put, "x"), op("b", 2, 3, get, "x"), op("b", 4, 5, get, "")}, Violated},
		{"unknown put happened", []Operation{op("a", 1, 0, put, "x"), op("b", 3, 4, get, "x")}, Linearizable},
		{"unknown put did not", []Operation{op("a", 1, 0, put, "x"), op("b", 3, 4, get, "")}, Linearizable},
		{"unknown put happens late", []Operation{op("a", 1, 0, put, "x"), op("b", 3, 4, get, ""), op("b", 5, 6, get, "x")}, Linearizable},
		{"unknown append happens twice", []Operation{op("a", 1, 0, add, "x"), op("b", 3, 4, get, "xx")}, Violated},
		{"unknown put before its call", []Operation{op("b", 1, 2, get, "x"), op("a", 3, 0, put, "x")}, Violated},
		{"unknown get says nothing", []Operation{op("a", 1, 2, put, "x"), op("b", 3, 0, get, "z")}, Linearizable},
		{"empty value is not absence", []Operation{op("a", 1, 2, put, ""), op("b", 3, 4, get, "")}, Violated},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Check(test.ops, time.Minute); got.Result != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestRefusedOperationsSayNothing(t *testing.T) {
	refused := op("a", 1, 2, pbservice.Put, "x")
	refused.Refused = true
	ops := []Operation{refused, op("b", 3, 4, pbservice.Get, "")}
	if got := Check(ops, time.Minute); got.Result != Linearizable {
		t.Error(got)
	}
}

func TestKeysAreJudgedApart(t *testing.T) {
	bad := op("a", 1, 2, pbservice.Get, "never")
	bad.Key = "other"
	ops := []Operation{op("a", 1, 2, pbservice.Put, "x"), bad, op("b", 3, 4, pbservice.Get, "x")}
	if got := Check(ops, time.Minute); got != (Verdict{Result: Violated, Key: "other"}) {
		t.Error(got)
	}
}

func TestRecorder(t *testing.T) {
	var r Recorder
	first := r.Call("c1", pbservice.Op{Kind: pbservice.Put, Key: "k", Value: "x"}, 1)
	r.Call("c2", pbservice.Op{Kind: pbservice.Append, Key: "k", Value: "y"}, 2)
	r.Return(first, 3, Outcome{Known: true})
	ops := r.Operations()
	if len(ops) != 2 || !ops[0].Known || ops[0].Return != 3 || ops[1].Known || ops[1].Value != "y" {
		t.Errorf("%+v", ops)
	}
}
