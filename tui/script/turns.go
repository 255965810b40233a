package script

// turn gives the caller a place behind all operations of the client that were given before. begin is to be waited
// for, and end called in any case.
func (s *Session) turn(client string) (begin <-chan struct{}, end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns == nil {
		s.turns = map[string]chan struct{}{}
	}
	before := s.turns[client]
	if before == nil {
		before = make(chan struct{})
		close(before)
	}
	done := make(chan struct{})
	s.turns[client] = done
	return before, func() {
		select {
		case <-before:
			close(done)
		default: // given up before its turn came
			go func() { // ends once all before have ended
				<-before
				close(done)
			}()
		}
	}
}
