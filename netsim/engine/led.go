package engine

// Led is an Engine that can be led: then its time goes only while somebody is in Wait or in Operation.Wait, and stands
// otherwise. Nothing ages while it stands, no timer fires and no message moves, however long it takes.
type Led interface {
	Engine
	// Lead begins that, or changes the pace: how fast time goes while it goes, of Snapshot.Speed. 0 is as fast as it can.
	Lead(pace float64)
	// LetGo lets time go by itself again.
	LetGo()
}
