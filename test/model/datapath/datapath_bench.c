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
 * is this thread's, whoever else uses the core. Rx checks all checksums.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "port_rig.h"

#define BURST	    32
#define RING	    512
#define POLLS_PER_SLICE 500	/* a few ms: some of them nobody disturbs */
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

static unsigned int
drive_rx(struct rx_ring *ring)
{
	unsigned int nb = 0;

	while (nb < BURST && (le64toh(ring->desc[2 * ring->next + 1]) & RXD_DD) != 0) {
		ring->desc[2 * ring->next + 1] = 0;
		ring->next = (ring->next + 1) % RING;
		nb++;
	}
	if (nb > 0)
		rx_give(ring, nb);
	return nb;
}

/* RS on the last of a burst. @return frames */
static unsigned int
drive_tx(struct tx_ring *ring)
{
	static const uint64_t cmd = TXD_DATA | TXD_EOP | FRAME_BYTES;

	for (unsigned int i = 0; i < BURST; i++) {
		uint8_t *buffer = frames[ring->next % FRAMES];

		tx_put_raw(ring, (uintptr_t)buffer, cmd | (i == BURST - 1 ? TXD_RS : 0) |
			   (uint64_t)(FRAME_BYTES << 14) << 32);
	}
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

/* What one slice came to. */
struct slice {
	double frames, seconds, model_seconds;
};

static void
report(const char *what, const struct slice *all, const struct slice *best)
{
	printf("%-22s %6.2f Mpps; best slice %6.2f Mpps, of %5.1f ns a frame the model's %5.1f\n",
	       what, all->frames / all->seconds / 1e6, best->frames / best->seconds / 1e6,
	       best->seconds / best->frames * 1e9, best->model_seconds / best->frames * 1e9);
}

static struct slice
run_slice(struct rig *rig, struct tx_ring *tx, struct rx_ring *rx)
{
	struct slice slice = { 0 };
	double start = seconds(CLOCK_THREAD_CPUTIME_ID);

	for (unsigned int i = 0; i < POLLS_PER_SLICE; i++) {
		unsigned int sent = tx != NULL ? drive_tx(tx) : 0;
		double then = seconds(CLOCK_MONOTONIC);

		rig_poll_budget(rig, BURST);
		slice.model_seconds += seconds(CLOCK_MONOTONIC) - then;
		slice.frames += rx != NULL ? drive_rx(rx) : sent;
	}
	slice.seconds = seconds(CLOCK_THREAD_CPUTIME_ID) - start;
	return slice;
}

static void
run(const char *what, struct rig *rig, struct tx_ring *tx, struct rx_ring *rx, double time)
{
	struct slice all = { 0 }, best = { .seconds = 1 };

	rig->nic->clock.manual = false;
	while (all.seconds < time) {
		struct slice slice = run_slice(rig, tx, rx);

		all.frames += slice.frames;
		all.seconds += slice.seconds;
		if (slice.frames / slice.seconds > best.frames / best.seconds)
			best = slice;
	}
	report(what, &all, &best);
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

	bench_wire("wire(gen) -> Rx", false, true, false, time);
	bench_wire("wire(gen) -> Rx, RSS", false, true, true, time);
	bench_wire("Tx -> wire(null)", true, false, false, time);
	bench_wire("both, one queue pair", true, true, false, time);
	bench_switch(time);
	return 0;
}
