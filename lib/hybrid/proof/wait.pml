/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 *
 * No wake-up is lost: a device that interrupts, an lcore that sleeps as hybrid_wait() does, and a
 * thread that calls hybrid_wake(), in all orders that there are.
 *
 * The claim: when nothing can happen any more, which is while the lcore sleeps, all packets are
 * received, and the lcore has seen what the waker had to say before it called hybrid_wake().
 *
 * LATCHES  what comes while the vector is masked is its cause, and sent when it is armed (ours)
 * TIMED    a sleep on a ring that was not empty ends by time
 * SPACED   messages are kept apart: what comes in an interval is a cause, sent when it is over
 * ENDLESS  and an interval that has begun goes on for ever, but for LOW packets in the ring, which
 *          are told at once if the vector is armed, and never again until there were fewer. Then
 *          the claim is that less than that is left lying
 * NO_LOOK  broken: the look at the ring after arming is left out
 * NO_ARM   broken: it looks at the ring, and then arms
 *
 * Sleeps that only HYBRID_SLEEP_MAX_NS would end count as lost here.
 */
#ifndef PACKETS
#define PACKETS 4
#endif
#ifndef FULL
#define FULL 2
#endif
#ifndef LOW
#define LOW FULL
#endif

byte ring;			/* packets that lie there */
byte received;
bool armed;			/* the vector is not masked */
bool cause;			/* latched while it was masked, or in an interval */
bool spaced;			/* an interval goes on */
bool edge;			/* of the interrupt's eventfd, not taken yet */
bool wake_edge;			/* of hybrid_wake()'s */
bool stop;			/* what the waker has to say */
bool seen_stop;

/* One message: the device masks the vector as it sends it. */
inline send_message() {
	edge = true;
	armed = false;
	cause = false;
#ifdef SPACED
	spaced = true
#endif
}

#ifdef SPACED
#ifndef ENDLESS
active proctype clock() {
end_nothing_begun:
	do
	:: atomic {
		spaced ->
		spaced = false;
		if
		:: armed && cause -> send_message()
		:: else
		fi
	}
	od
}
#endif
#endif

active proctype device() {
	byte sent;

	do
	:: sent < PACKETS ->
		/* Write-back and interrupt are two steps, as they are for a driver that looks. */
		ring++;
		sent++;
		if
		:: atomic { armed && (!spaced || ring == LOW) -> send_message() }
		:: atomic { armed && spaced && ring != LOW -> cause = true }
#ifdef LATCHES
		:: atomic { !armed -> cause = true }
#else
		:: !armed
#endif
		fi
	:: sent == PACKETS -> break
	od
}

active proctype waker() {
	stop = true;
	wake_edge = true
}

inline arm() {
	atomic {
		if
		:: !armed ->
			armed = true;
			if
			:: cause && !spaced -> send_message()
			:: else
			fi
		:: else
		fi
	}
}

/* The descriptors are edge-triggered: a wake-up takes what is there. */
inline take_edges() {
	atomic {
		if
		:: edge -> edge = false
		:: else
		fi;
		wake_edge = false
	}
}

active proctype lcore() {
	byte burst, seen;

	do
	:: true ->
		seen_stop = stop;
		/* A burst takes what is there, up to FULL. */
		atomic {
			burst = (ring > FULL -> FULL : ring);
			ring = ring - burst;
			received = received + burst
		}
		if
		:: burst == FULL		/* more may be there: poll again */
		:: else ->
			/* hybrid_wait(): after the first burst that is not full. */
#ifdef NO_ARM
			seen = ring;
			arm();
#else
			arm();
			seen = ring;
#endif
#ifdef NO_LOOK
			seen = 0;
#endif
			if
			:: seen >= FULL
			:: else ->
end_asleep:
				if
				:: edge || wake_edge
#ifdef TIMED
				:: seen > 0	/* the interval's time */
#endif
				fi;
				take_edges()
			fi
		fi
	od
}

active proctype judge() {
	timeout;
#ifdef ENDLESS
	assert(ring < LOW && received + ring == PACKETS && seen_stop)
#else
	assert(received == PACKETS && seen_stop)
#endif
}
