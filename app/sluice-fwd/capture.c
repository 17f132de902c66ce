/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include "capture.h"
#include "dpdk_compat.h"

#define NS_PER_S   1000000000
#define RING_SLOTS 1024
/* A ring keeps one slot free. With as many buffers as it holds, no copy finds it full. */
#define TAP_BUFFERS (RING_SLOTS - 1)
#define WRITE_BURST 64
#define IDLE_US     1000

/* In the private area of each copy. */
struct mark {
	uint64_t tsc;
	uint32_t wire_bytes; /* 0: not to be recorded */
} __rte_aligned(RTE_MBUF_PRIV_ALIGN);

struct capture_tap {
	struct rte_ring *ring;
	struct rte_mempool *pool;
	uint32_t snap_bytes;
	uint16_t nb_copies;
	counter_t offered, dropped;
	struct rte_mbuf *copies[MAX_BURST]; /* NULL: no buffer was left */
} __rte_cache_aligned;

struct capture {
	struct pcap_out *out;
	uint32_t snap_bytes;
	unsigned int nb_taps;
	struct capture_tap *taps[RTE_MAX_LCORE];
	counter_t recorded, filtered;
	atomic_bool stop, failed;
	pthread_t thread;

	/* The thread's: wall clock and TSC read together, renewed on every pass. */
	struct timespec base_time;
	uint64_t base_tsc;
};

static struct mark *
mark_of(struct rte_mbuf *copy)
{
	return rte_mbuf_to_priv(copy);
}

void
capture_copy(struct capture_tap *tap, struct rte_mbuf *const *m, uint16_t nb)
{
	uint64_t now = rte_rdtsc();

	for (uint16_t i = 0; i < nb; i++) {
		struct rte_mbuf *copy = rte_pktmbuf_copy(m[i], tap->pool, 0, tap->snap_bytes);

		if (copy != NULL)
			*mark_of(copy) = (struct mark){ now, m[i]->pkt_len };
		tap->copies[i] = copy;
	}
	tap->nb_copies = nb;
}

void
capture_commit(struct capture_tap *tap, uint16_t nb_passed)
{
	uint16_t nb_lost = 0;
	uint16_t nb_ready = 0;

	for (uint16_t i = 0; i < tap->nb_copies; i++) {
		struct rte_mbuf *copy = tap->copies[i];

		if (copy == NULL) {
			nb_lost += i < nb_passed;
			continue;
		}
		/* It goes to the thread all the same: only the thread may put into the pool. */
		if (i >= nb_passed)
			mark_of(copy)->wire_bytes = 0;
		tap->copies[nb_ready++] = copy;
	}
	rte_ring_sp_enqueue_bulk(tap->ring, (void **)tap->copies, nb_ready, NULL);
	counter_add(&tap->offered, nb_passed);
	counter_add(&tap->dropped, nb_lost);
	tap->nb_copies = 0;
}

static void
renew_base(struct capture *capture)
{
	capture->base_tsc = rte_rdtsc();
	clock_gettime(CLOCK_REALTIME, &capture->base_time);
}

/* A copy is at most a ring's length old, so the TSC's frequency error does not add up. */
static struct timespec
time_of(const struct capture *capture, uint64_t tsc)
{
	int64_t ticks = (int64_t)(tsc - capture->base_tsc);
	int64_t ns = (int64_t)((double)ticks * NS_PER_S / rte_get_tsc_hz());
	int64_t total_ns = capture->base_time.tv_nsec + ns;
	int64_t seconds = total_ns / NS_PER_S;

	if (total_ns % NS_PER_S < 0)
		seconds--;
	return (struct timespec){
		.tv_sec = capture->base_time.tv_sec + seconds,
		.tv_nsec = total_ns - seconds * NS_PER_S,
	};
}

static void
write_copy(struct capture *capture, struct rte_mbuf *copy)
{
	const struct mark *mark = mark_of(copy);
	struct timespec when;

	if (mark->wire_bytes == 0)
		return;
	when = time_of(capture, mark->tsc);
	if (pcap_out_write(capture->out, &when, rte_pktmbuf_mtod(copy, const uint8_t *),
			   copy->data_len, mark->wire_bytes))
		counter_add(&capture->recorded, 1);
	else
		counter_add(&capture->filtered, 1);
}

static unsigned int
drain_tap(struct capture *capture, struct capture_tap *tap)
{
	struct rte_mbuf *copies[WRITE_BURST];
	unsigned int nb = rte_ring_sc_dequeue_burst(tap->ring, (void **)copies, WRITE_BURST, NULL);

	for (unsigned int i = 0; i < nb; i++)
		write_copy(capture, copies[i]);
	rte_pktmbuf_free_bulk(copies, nb);
	return nb;
}

static unsigned int
drain_taps(struct capture *capture)
{
	unsigned int nb = 0;

	renew_base(capture);
	for (unsigned int i = 0; i < capture->nb_taps; i++)
		nb += drain_tap(capture, capture->taps[i]);
	return nb;
}

static void
flush(struct capture *capture)
{
	if (!pcap_out_flush(capture->out))
		atomic_store(&capture->failed, true);
}

static control_thread_end
capture_main(void *arg)
{
	struct capture *capture = arg;
	bool dirty = false;

	for (;;) {
		/* The flag is read before the rings: what was committed before it is drained. */
		bool stop = atomic_load(&capture->stop);

		if (drain_taps(capture) > 0) {
			dirty = true;
			continue;
		}
		if (dirty)
			flush(capture);
		dirty = false;
		if (stop)
			return 0;
		usleep(IDLE_US);
	}
}

static void
tap_free(struct capture_tap *tap)
{
	rte_mempool_free(tap->pool);
	rte_ring_free(tap->ring);
	free(tap);
}

struct capture_tap *
capture_add_tap(struct capture *capture, int node)
{
	uint16_t room_bytes = RTE_PKTMBUF_HEADROOM + RTE_ALIGN(capture->snap_bytes, 64);
	struct capture_tap *tap;
	char name[RTE_MEMPOOL_NAMESIZE];

	tap = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*tap));
	if (tap == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	*tap = (struct capture_tap){ .snap_bytes = capture->snap_bytes };

	snprintf(name, sizeof(name), "capture_%u", capture->nb_taps);
	tap->ring = rte_ring_create(name, RING_SLOTS, node, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (tap->ring == NULL)
		goto free_tap;
	tap->pool = rte_pktmbuf_pool_create_by_ops(name, TAP_BUFFERS, 0, sizeof(struct mark),
						   room_bytes, node, "ring_sp_sc");
	if (tap->pool == NULL)
		goto free_ring;
	capture->taps[capture->nb_taps++] = tap;
	return tap;

free_ring:
	rte_ring_free(tap->ring);
free_tap:
	free(tap);
	return NULL;
}

struct capture *
capture_open(struct pcap_out *out, uint32_t snaplen_bytes, uint32_t frame_bytes)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (capture == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	capture->out = out;
	capture->snap_bytes = RTE_MIN(snaplen_bytes, frame_bytes);
	return capture;
}

int
capture_start(struct capture *capture)
{
	return control_thread_create(&capture->thread, "fwd-capture", capture_main, capture);
}

void
capture_read_stats(const struct capture *capture, struct capture_stats *stats)
{
	*stats = (struct capture_stats){
		.recorded = counter_read(&capture->recorded),
		.filtered = counter_read(&capture->filtered),
		.failed = atomic_load(&capture->failed),
	};
	for (unsigned int i = 0; i < capture->nb_taps; i++) {
		stats->offered += counter_read(&capture->taps[i]->offered);
		stats->dropped += counter_read(&capture->taps[i]->dropped);
	}
}

void
capture_stop(struct capture *capture)
{
	atomic_store(&capture->stop, true);
	pthread_join(capture->thread, NULL);
}

void
capture_close(struct capture *capture)
{
	for (unsigned int i = 0; i < capture->nb_taps; i++)
		tap_free(capture->taps[i]);
	free(capture);
}
