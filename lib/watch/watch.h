/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * Does this VF do too much of something, and what is done about it then? Pure: the caller hands in
 * the time and the events; nothing is allocated. Not thread-safe: the caller serialises.
 *
 * A monitor acts when more than its limit of events lie within its window, in the sense that: it
 * never acts while each window of that length holds no more than the limit, and it always acts as
 * soon as more than the limit lie within 7 of the window's WATCH_SLOTS slots. What it began to do
 * it does until its time is over (watch_expire()) or until watch_clear().
 */
#ifndef SLUICE_WATCH_H
#define SLUICE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A window is counted in as many parts, each window_ms / WATCH_SLOTS long, rounded down. */
#define WATCH_SLOTS 8

#define WATCH_LIMIT_MAX	    1000000000
#define WATCH_WINDOW_MS_MIN WATCH_SLOTS
#define WATCH_WINDOW_MS_MAX 3600000
#define WATCH_RELEASE_S_MAX 2592000	/**< 30 days */
#define WATCH_LOG_AGAIN_MS  60000
#define WATCH_TEXT_BYTES    80

/** What is counted. */
enum watch_kind {
	WATCH_MAILBOX,		/**< requests */
	WATCH_RESETS,		/**< of these, RESET */
	WATCH_SPOOF,		/**< times it was found to have sent foreign sources */
	WATCH_MALICIOUS,	/**< queues that the device stopped */
	WATCH_BROADCAST,	/**< broadcast frames sent, as far as counters prove it */
	WATCH_LOCK,		/**< times the mailbox's lock was taken from it */
	WATCH_NB_KINDS,
};

/** What is done, from the mildest to the strongest. */
enum watch_action {
	WATCH_NOTHING,
	WATCH_LOG,
	WATCH_THROTTLE,		/**< no more than limit / window_ms requests are served */
	WATCH_NACK,		/**< every request is refused */
	WATCH_QUARANTINE,
	WATCH_NB_ACTIONS,
};

struct watch_rule {
	uint32_t limit;		/**< 1..WATCH_LIMIT_MAX; 0: not watched */
	uint32_t window_ms;	/**< WATCH_WINDOW_MS_MIN..WATCH_WINDOW_MS_MAX */
	enum watch_action action;
	/** Seconds until it ends by itself, up to WATCH_RELEASE_S_MAX; 0: not by itself. Of
	 *  WATCH_LOG: until it may be said again; 0: WATCH_LOG_AGAIN_MS, but a window at least. */
	uint32_t release_s;
};

/** What is watched of each VF of a port; all zero: nothing. */
struct watch_rules {
	struct watch_rule rule[WATCH_NB_KINDS];
};

/** What the daemon starts from: all kinds are logged, and nothing is done. */
extern const struct watch_rules watch_rules_default;

struct watch_monitor {
	uint32_t count[WATCH_SLOTS];	/**< saturating */
	uint64_t slot;			/**< the latest one's number */
	enum watch_action acting;	/**< WATCH_NOTHING: it counts */
	uint64_t until_ms;		/**< 0: not by itself */
	uint32_t seen, window_ms;	/**< what it acts on */
	uint64_t budget, budget_ms;	/**< of WATCH_THROTTLE: in requests times window_ms */
};

/** All monitors of one VF; all zero: nothing seen yet. */
struct watch {
	struct watch_monitor monitor[WATCH_NB_KINDS];
};

/** A monitor begins or ends to act. */
struct watch_event {
	enum watch_kind kind;
	enum watch_action action;
	uint32_t seen, window_ms;	/**< so many events in so long a time, at most */
	uint64_t until_ms;		/**< 0: until released */
};

/**
 * Count @p nb events.
 *
 * @param now_ms  a monotonic clock
 * @return true: the monitor begins to act, and @p event says how; said once until it has ended
 */
bool watch_count(struct watch *watch, const struct watch_rules *rules, enum watch_kind kind,
		 uint64_t nb, uint64_t now_ms, struct watch_event *event);

/**
 * One more request: what is to be done with it? Spends of the budget of a VF that is throttled.
 *
 * @param is_reset  only these are throttled for too many RESETs
 * @return WATCH_NOTHING: serve it; WATCH_THROTTLE: leave it unanswered; WATCH_NACK: refuse it
 */
enum watch_action watch_judge(struct watch *watch, const struct watch_rules *rules, bool is_reset,
			      uint64_t now_ms);

/**
 * Is there a monitor whose time is over? To be called again and again until it returns false, every
 * 100 ms or so: until then a monitor goes on acting.
 *
 * @return true: it has ended, as @p event tells; said once
 */
bool watch_expire(struct watch *watch, uint64_t now_ms, struct watch_event *event);

/** The strongest thing in force; WATCH_NOTHING: @p event is untouched. */
enum watch_action watch_in_force(const struct watch *watch, struct watch_event *event);

/** Forget everything seen, and do nothing any more. */
void watch_clear(struct watch *watch);

/** "mailbox", "resets"…: the words of the configuration file; never NULL. */
const char *watch_kind_name(enum watch_kind kind);
const char *watch_action_name(enum watch_action action);

/** @return WATCH_NB_ACTIONS: there is no such word */
enum watch_action watch_action_find(const char *name);

/** "mailbox flood, 3012 requests in 1000 ms". */
void watch_event_text(const struct watch_event *event, char text[WATCH_TEXT_BYTES]);

#ifdef __cplusplus
}
#endif

#endif /* SLUICE_WATCH_H */
