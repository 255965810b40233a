// Package sim is the simulated engine: an engine.Replayer that drives a world.World, along a clock or as fast as it can. It
// keeps what was done to the world, some 600 bytes for each operation, so that any step can be returned to, branched from
// and saved.
package sim
