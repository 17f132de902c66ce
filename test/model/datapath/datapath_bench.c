/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * How many frames of 64 bytes the model moves, one queue pair on one core.
 *
 * usage: datapath_bench [seconds for each]
 *
 * Rings are driven as a driver does, in bursts of 32 and on the same core, so that what is printed
 * holds both sides' work; the model's share of a frame is a little less. Rx checks all checksums.
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

struct counts {
	uint64_t sent, received;
};

/* Of this thread, whoever else uses the core. */
static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
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
drive_tx(struct tx_ring *ring, uint32_t sta)
{
	static const uint64_t cmd = TXD_DATA | TXD_EOP | FRAME_BYTES;

	for (unsigned int i = 0; i < BURST; i++) {
		uint8_t *buffer = ring->buffers + (size_t)(ring->next % 64) * RIG_TX_STRIDE;

		tx_put_raw(ring, (uintptr_t)buffer, cmd | (i == BURST - 1 ? TXD_RS : 0) |
			   (uint64_t)(sta | FRAME_BYTES << 14) << 32);
	}
	tx_bell(ring);
	return BURST;
}

static void
fill_tx(struct tx_ring *ring, const uint8_t *dst, const uint8_t *src)
{
	for (unsigned int i = 0; i < 64; i++) {
		uint8_t *frame = ring->buffers + (size_t)i * RIG_TX_STRIDE;

		memset(frame, 0, FRAME_BYTES);
		memcpy(frame, dst, MAC_LEN);
		memcpy(frame + MAC_LEN, src, MAC_LEN);
		frame[12] = 0x08;
	}
}

static void
report(const char *what, uint64_t frames, double took, double best)
{
	printf("%-22s %6.2f Mpps, %5.1f ns a frame; best slice %6.2f Mpps, %5.1f ns\n", what,
	       (double)frames / took / 1e6, took / (double)frames * 1e9, best / 1e6, 1e9 / best);
}

static void
run(const char *what, struct rig *rig, struct tx_ring *tx, struct rx_ring *rx, double time)
{
	struct counts all = { 0 };
	double start, now, best = 0;

	rig->nic->clock.manual = false;
	start = now = seconds();
	while (now - start < time) {
		struct counts counts = { 0 };
		double then = now, rate;

		for (unsigned int i = 0; i < POLLS_PER_SLICE; i++) {
			if (tx != NULL)
				counts.sent += drive_tx(tx, 0);
			rig_poll_budget(rig, BURST);
			if (rx != NULL)
				counts.received += drive_rx(rx);
		}
		now = seconds();
		all.sent += counts.sent;
		all.received += counts.received;
		rate = (double)(rx != NULL ? counts.received : counts.sent) / (now - then);
		if (rate > best)
			best = rate;
	}
	report(what, rx != NULL ? all.received : all.sent, now - start, best);
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
		fill_tx(tx, rig_mac(1), rig_mac(0));
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
	fill_tx(tx, rig_mac(1), rig_mac(0));
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
