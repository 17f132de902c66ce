/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A model port with a generator on its wire, in a thread that never sleeps: the device of a
 * benchmark.
 *
 * An access to a register of the model traps, and takes longer than a burst of frames; of a device
 * a write is posted and costs software next to nothing. So what a PMD touches as it runs, which
 * are two tails and the registers that arm, mask, clear and space interrupts, is plain memory
 * here while the window is open, and the device's thread looks there between two bursts. What it
 * finds it writes to the model's registers in the order: interval, mask, clear, arm. Software that
 * writes two of them within less than a round of that thread (some 100 ns) may thus find a vector
 * armed that it masked last, and gets an interrupt more; never one less.
 *
 * # Stolen processors
 *
 * The machine may have other things to do, and no application can help what it loses then. The
 * generator stands still
 *  - while the application is in its own code, or waits with no interrupt armed, and has not been
 *    through its loop for STOLEN_AWAKE_NS;
 *  - while it has not been through its loop for STOLEN_WAKE_NS after a message was sent to it;
 *  - for as long as the device's own thread was away, if that was more than STOLEN_DEVICE_NS.
 * It goes on when the application has been through its loop, or waits with an interrupt armed.
 * Frames that were under way at that time are timed, but apart. What would have been lost without
 * this is reckoned beside it: the frames that were held back, less the room there was in the ring.
 */
#ifndef BENCH_DEVICE_H
#define BENCH_DEVICE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "generator.h"

#define STOLEN_AWAKE_NS	 50000u
#define STOLEN_WAKE_NS	 150000u	/* a wake-up takes 36 to 50 us, and 110 for one in 100 */
#define STOLEN_DEVICE_NS GENERATOR_AWAY_NS

struct device;

/** The application's sign of life, on a cache line that only it writes. */
struct heartbeat {
	_Alignas(64) atomic_uint_fast64_t beats;	/**< rounds of its loop */
	atomic_bool waits;		/**< it is where it may sleep */
	atomic_bool by_time;		/**< sleeps end by themselves, without an interrupt */
};

struct device_config {
	const char *family;
	const char *driver;		/**< of the PF; empty: the first that wants it */
	int cpu;			/**< of the device's thread; -1: any */
	const struct heartbeat *heartbeat;
};

/** Counted since the device was made. */
struct device_counts {
	uint64_t sent, received;	/**< frames: to the application, and back */
	uint64_t dropped;		/**< by the queue's counter or the port's: no descriptor */
	uint64_t missing, wrong;	/**< see struct generator */
	uint64_t late_ns;		/**< that the device was, and did not catch up */
	uint64_t interrupts;
	uint64_t held_app_ns, held_device_ns;
	uint64_t held_losses;		/**< that were spared by holding back */
};

/**
 * Make it and have a driver take it; EAL is initialised.
 *
 * @param why  a line, if it fails
 * @return 0 or -errno
 */
int device_create(struct device **device, const struct device_config *config, const char **why);
/** EAL's devices are closed. */
void device_free(struct device *device);

/** Plain memory for queue 0 of the PF, which runs; and back, before it is stopped. 0 or -errno */
int device_open_window(struct device *device);
void device_close_window(struct device *device);

/** Start the load anew; NULL: none. @param stay  in its first phase */
void device_load(struct device *device, const struct load *load, double sustained_pps,
		 uint32_t ring, bool stay);
/** Forget the times that were measured. */
void device_clear_times(struct device *device);
void device_counts(struct device *device, struct device_counts *counts);
/** Not while there is a load. */
const struct generator *device_generator(const struct device *device);
/** Accesses to registers that trapped: all, while no window is open. */
uint64_t device_accesses(const struct device *device);
/** Send the messages of all vectors, whatever the masks say: who sleeps wakes up. */
void device_wake_all(struct device *device);

#endif /* BENCH_DEVICE_H */
