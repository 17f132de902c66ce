/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * How many frames of 64 bytes the model moves, one queue pair on one core.
 *
 * usage: datapath_bench [seconds for each]
 *
 * Rings are driven as a driver does, in bursts of 32 and on the same core, so that a rate holds
 * both sides' work and the wire's; the model's share, with its wire, is printed beside it. Time
 * is this thread's, whoever else uses the core; what they do to caches, and to the other half of
 * the core, remains: hence the spread. Rx checks all checksums.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "port_rig.h"

#define BURST	    32
#define RING	    512
#define POLLS_PER_SLICE 500	/* a ms or two: some of them nobody disturbs */
#define SLICES_MAX  20000
#define FRAME_BYTES 60	/* and the CRC */

/* To send. A hugepage spares a driver the misses that one page for each would make. */
#define FRAMES 64
static uint8_t frames[FRAMES][320];

static double
seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What is done goes back at once, its address anew: the write-back is in its place. */
static unsigned int
drive_rx(struct rx_ring *ring)
{
	uint32_t at = ring->next, tail = ring->q->block[RING_TAIL];
	unsigned int nb = 0;

	for (; nb < BURST; nb++) {
		volatile uint64_t *desc = &ring->desc[2 * at], *given = &ring->desc[2 * tail];

		if ((le64toh(desc[1]) & RXD_DD) == 0)
			break;
		desc[1] = 0;
		given[0] = htole64((uintptr_t)(ring->buffers + (size_t)tail * RIG_RX_STRIDE));
		at = (at + 1) % RING;
		tail = (tail + 1) % RING;
	}
	ring->next = at;
	if (nb > 0)
		ring->q->block[RING_TAIL] = tail;
	return nb;
}

/* RS on the last of a burst. @return frames */
static unsigned int
drive_tx(struct tx_ring *ring)
{
	static const uint64_t high = TXD_DATA | TXD_EOP | FRAME_BYTES |
				     (uint64_t)(FRAME_BYTES << 14) << 32;
	uint32_t at = ring->next;

	for (unsigned int i = 0; i < BURST; i++) {
		ring->desc[2 * at] = htole64((uintptr_t)frames[at % FRAMES]);
		ring->desc[2 * at + 1] = htole64(i == BURST - 1 ? high | TXD_RS : high);
		at = (at + 1) % RING;
	}
	ring->next = at;
	tx_bell(ring);
	return BURST;
}

static void
fill_frames(const uint8_t *dst, const uint8_t *src)
{
	for (unsigned int i = 0; i < FRAMES; i++) {
		uint8_t *frame = frames[i];

		memset(frame, 0, FRAME_BYTES);
		memcpy(frame, dst, MAC_LEN);
		memcpy(frame + MAC_LEN, src, MAC_LEN);
		frame[12] = 0x08;
	}
}

/* Millions of frames a second in each slice, and what the model took of a frame's time. */
struct figures {
	double mpps[SLICES_MAX], model_ns[SLICES_MAX];
	unsigned int nb, nb_model;
};

static int
by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double
percentile(double *sorted, unsigned int nb, unsigned int percent)
{
	return nb == 0 ? 0 : sorted[(nb - 1) * percent / 100];
}

static void
report(const char *what, struct figures *figures)
{
	double median;

	if (figures->nb == 0)
		return;
	qsort(figures->mpps, figures->nb, sizeof(figures->mpps[0]), by_size);
	qsort(figures->model_ns, figures->nb_model, sizeof(figures->model_ns[0]), by_size);
	median = percentile(figures->mpps, figures->nb, 50);
	printf("%-22s %7.2f %7.2f %7.2f %7.2f %10.1f %10.1f\n", what, median,
	       percentile(figures->mpps, figures->nb, 10),
	       percentile(figures->mpps, figures->nb, 90), figures->mpps[figures->nb - 1],
	       1e3 / median, percentile(figures->model_ns, figures->nb_model, 50));
}

/* @return frames; *model_seconds, if not NULL: of the model and its wire alone */
static double
run_slice(struct rig *rig, struct tx_ring *tx, struct rx_ring *rx, double *model_seconds)
{
	double frames = 0, then = 0;

	for (unsigned int i = 0; i < POLLS_PER_SLICE; i++) {
		unsigned int sent = tx != NULL ? drive_tx(tx) : 0;

		if (model_seconds != NULL)
			then = seconds(CLOCK_MONOTONIC);
		rig_poll_budget(rig, BURST);
		if (model_seconds != NULL)
			*model_seconds += seconds(CLOCK_MONOTONIC) - then;
		frames += rx != NULL ? drive_rx(rx) : sent;
	}
	return frames;
}

static void
run(const char *what, struct rig *rig, struct tx_ring *tx, struct rx_ring *rx, double time)
{
	static struct figures figures;
	double end = seconds(CLOCK_THREAD_CPUTIME_ID) + time, start, frames;

	figures.nb = figures.nb_model = 0;
	rig->nic->clock.manual = false;
	/* Clocks cost time themselves: the model's share is taken in slices of its own. */
	do {
		double model_seconds = 0;

		start = seconds(CLOCK_THREAD_CPUTIME_ID);
		frames = run_slice(rig, tx, rx, NULL);
		figures.mpps[figures.nb++] =
			frames / (seconds(CLOCK_THREAD_CPUTIME_ID) - start) / 1e6;
		if (figures.nb % 4 != 0)
			continue;
		frames = run_slice(rig, tx, rx, &model_seconds);
		figures.model_ns[figures.nb_model++] = model_seconds / frames * 1e9;
	} while (figures.nb < SLICES_MAX && seconds(CLOCK_THREAD_CPUTIME_ID) < end);
	report(what, &figures);
}

static struct wire *
make_wire(const char *spec)
{
	char error[256];
	struct wire *wire = wire_create(spec, error, sizeof(error));

	if (wire == NULL) {
		fprintf(stderr, "%s\n", error);
		exit(1);
	}
	return wire;
}

/* Frames come from one wire and go to another: a generator would judge what we send. */
struct pair_wire {
	struct wire wire, *from, *to;
};

static unsigned int
pair_send(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct wire *to = ((struct pair_wire *)wire)->to;

	return to->ops->send(to, frame, nb);
}

static unsigned int
pair_recv(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct wire *from = ((struct pair_wire *)wire)->from;

	return from->ops->recv(from, frame, nb);
}

static void
bench_wire(const char *what, bool with_tx, bool with_rx, bool rss, double time)
{
	static const struct wire_ops ops = { .name = "pair", .send = pair_send, .recv = pair_recv };
	struct pair_wire pair = {
		.wire = { .ops = &ops, .mbps = 10000 },
		.from = make_wire(with_rx ? "gen:size=60:dst=02:00:00:00:10:00" : "null"),
		.to = make_wire("null"),
	};
	struct rig *rig = rig_create(&pair.wire);
	struct tx_ring *tx = NULL;
	struct rx_ring *rx = NULL;

	rig->nic->rss.enabled = rss;
	rig->nic->rss.types = 0xfffe;
	rig_address(rig, 0, rig_mac(0), 0);
	if (with_tx) {
		tx = rig_tx(rig, 0, &rig->nic->pf, RING);
		fill_frames(rig_mac(1), rig_mac(0));
	}
	if (with_rx) {
		rx = rig_rx(rig, 0, &rig->nic->pf, RING);
		rx_give(rx, RING - 1);
	}
	run(what, rig, tx, rx, time);
	rig_free(rig);
	wire_free(pair.from);
	wire_free(pair.to);
}

static void
bench_switch(double time)
{
	struct wire *wire = make_wire("null");
	struct rig *rig = rig_create(wire);
	struct tx_ring *tx;
	struct rx_ring *rx;

	rig_virtualise(rig, 3);
	for (unsigned int p = 0; p < 2; p++) {
		rig->nic->pool[p].spoof_mac = rig->nic->pool[p].spoof_vlan = true;
		nic_changed(rig->nic);
	}
	tx = rig_tx(rig, 0, &rig->nic->vf[0], RING);
	rx = rig_rx(rig, RIG_QUEUES_PER_POOL, &rig->nic->vf[1], RING);
	fill_frames(rig_mac(1), rig_mac(0));
	rx_give(rx, RING - 1);
	run("VF -> switch -> VF", rig, tx, rx, time);
	rig_free(rig);
	wire_free(wire);
}

int
main(int argc, char **argv)
{
	double time = argc > 1 ? atof(argv[1]) : 1;

	printf("%-22s %31s %21s\n", "frames of 64 bytes", "Mpps", "ns a frame");
	printf("%-22s %7s %7s %7s %7s %10s %10s\n", "", "median", "10 %", "90 %", "best", "all",
	       "the model");
	bench_wire("wire(gen) -> Rx", false, true, false, time);
	bench_wire("wire(gen) -> Rx, RSS", false, true, true, time);
	bench_wire("Tx -> wire(null)", true, false, false, time);
	bench_wire("both, one queue pair", true, true, false, time);
	bench_switch(time);
	return 0;
}
