package search

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestWanderFindsTheSameWithAnyNumberOfWorkers(t *testing.T) {
	g := grid{tokens: 4, length: 12, wrong: func(p [4]uint8) bool { return p[0] == 10 && p[1] == 2 && p[2] == 7 }}
	var want *Found
	for workers := 1; workers <= 4; workers++ {
		covered, found := randomWalk(context.Background(), g, [4]uint8{}, 7, Limits{Workers: workers})
		if found == nil || covered.States < len(found.Path) || covered.Depth < len(found.Path) {
			t.Fatalf("%d workers: %+v, %+v", workers, covered, found)
		}
		if want == nil {
			want = found
		}
		if !slices.Equal(found.Path, want.Path) {
			t.Errorf("%d workers found %v, one found %v", workers, found.Path, want.Path)
		}
	}
}

func TestWanderEnds(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(context.Background(), 20*time.Millisecond, errors.New("time"))
	defer cancel()
	covered, found := randomWalk(ctx, grid{tokens: 4, length: 12}, [4]uint8{}, 1, Limits{Workers: 2})
	if found != nil || covered.Ended != "time" || covered.Depth != 48 || covered.States < 48 {
		t.Errorf("%+v, %v", covered, found)
	}
}

func TestShrink(t *testing.T) {
	try := func(way []int) ([]int, string) { // wrong once 3, 5 and then 9 were there
		need := []int{3, 5, 9}
		for i, step := range way {
			if step == need[0] {
				need = need[1:]
			}
			if len(need) == 0 {
				return way[:i+1], "wrong"
			}
		}
		return way, ""
	}
	var way []int
	for i := range 300 {
		way = append(way, i%11)
	}
	if least, violation := shrink(way, try); violation != "wrong" || !slices.Equal(least, []int{3, 5, 9}) {
		t.Errorf("%v, %q", least, violation)
	}
	if least, violation := shrink([]int{1, 2}, try); violation != "" || len(least) != 2 {
		t.Errorf("%v, %q", least, violation)
	}
}
