package viewservice

import (
	"cmp"
	"fmt"
	"time"

	"cluster/splitbrain/netsim/env"
)

// Number counts views. 0 means that there is no view yet.
type Number uint

// View says who serves. An empty Backup means that there is none.
type View struct {
	Viewnum Number
	Primary string
	Backup  string
}

// String is the short form of the screen: "3 s2 s1", with · for nobody.
func (v View) String() string {
	const nobody = "·"
	return fmt.Sprintf("%d %s %s", v.Viewnum, cmp.Or(v.Primary, nobody), cmp.Or(v.Backup, nobody))
}

// PingArgs is what a server sends once per PingInterval. Me and Viewnum are the lab's wire form.
type PingArgs struct {
	Me      string
	Viewnum Number // the newest view that the server has entered (S4); 0 after a boot
	Boot    uint64 // boot id: larger than that of each earlier boot of Me; 0 from the lab's servers, which have none (V7)

	// BackupLost says that Me, the primary of view Viewnum, gives its backup in that view up (V10).
	BackupLost bool

	Cluster ClusterID // as the sender has learnt it; 0 before

	// What follows changes no view, and is told to those who set the servers up. The lab's servers leave it out.
	Every     time.Duration // the interval between the sender's pings; 0: not known
	Unreached string        // the backup from which the sender, a primary, gets no answer; "" for none
}

// Summary describes the ping in a few words.
func (a PingArgs) Summary() string {
	if a.BackupLost {
		return fmt.Sprintf("Ping(%d, backup lost)", a.Viewnum)
	}
	return fmt.Sprintf("Ping(%d)", a.Viewnum)
}

// Says is the summary.
func (a PingArgs) Says() env.Says { return env.Says{Words: a.Summary()} }

// PingReply is the answer to a ping: the view after it. View is the lab's wire form.
type PingReply struct {
	View  View
	Acked bool // the primary of View has sent Ping(View.Viewnum) (V2)

	Cluster ClusterID // to which the viewservice belongs

	// Boot is the newest boot id known under the sender's name: larger than its own if another boot of that name pings, or
	// did so before a clock was set back. What the reply says besides is no news for an older boot (V7).
	Boot   uint64
	Notice Cause // what seems to be wrong with how the sender was set up; no cause if nothing is
}

// Summary describes the reply in a few words.
func (r PingReply) Summary() string { return summary(r.View, r.Acked) }

// Says is the summary.
func (r PingReply) Says() env.Says { return env.Says{Words: r.Summary()} }

// GetArgs asks for the current view.
type GetArgs struct{}

// Summary describes the request.
func (GetArgs) Summary() string { return "view?" }

// Says is the summary.
func (a GetArgs) Says() env.Says { return env.Says{Words: a.Summary()} }

// GetReply is the current view.
type GetReply struct {
	View    View
	Acked   bool
	Cluster ClusterID // to which the viewservice belongs
}

// Summary describes the reply in a few words.
func (r GetReply) Summary() string { return summary(r.View, r.Acked) }

// Says is the summary.
func (r GetReply) Says() env.Says { return env.Says{Words: r.Summary()} }

func summary(v View, acked bool) string {
	if acked || v.Viewnum == 0 {
		return "view " + v.String()
	}
	return "view " + v.String() + ", not acknowledged"
}

// maxRequest bounds a request to the viewservice, in bytes: a name, some numbers, and gob's description of them (S13).
const maxRequest = 4 << 10

// MaxSize bounds the request.
func (*PingArgs) MaxSize() int { return maxRequest }

// MaxSize bounds the request.
func (*GetArgs) MaxSize() int { return maxRequest }
