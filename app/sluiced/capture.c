/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What a VF receives, for the operator's eyes: mirrored to the PF's queue, and from there to the
 * stream of who asked. A thread for each capture empties the queue; it takes no lock that a request
 * of a VF or an operator waits for, and frames that find no room are counted.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "daemon.h"
#include "dpdk_compat.h"
#include "rte_pmd_sluice.h"

#define BUFFER_BYTES (1024 * 1024)
#define BURST	     32
#define IDLE_NS	     50000

struct capture {
	struct port *port;
	uint16_t vf;
	uint32_t snap_bytes;
	struct control_stream *stream;
	uint64_t missed; /* of the port, before */
	struct rte_ether_addr pf_mac;
	atomic_bool stop;
	pthread_t thread;
	uint8_t frame[CONTROL_SNAP_MAX]; /* the thread's */
};

static size_t
write_lost(char record[STREAM_LOST_BYTES], uint64_t nb)
{
	const struct control_frame lost = { .kind = CONTROL_FRAMES_LOST, .nb = nb };

	static_assert(sizeof(lost) <= STREAM_LOST_BYTES, "a stream has room for that");
	memcpy(record, &lost, sizeof(lost));
	return sizeof(lost);
}

/* The PF's own, which nobody mirrors: its address is the only one that its pool still takes. */
static bool
is_the_pfs(const struct capture *capture, const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *header = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);

	return m->data_len < sizeof(*header) ||
	       rte_is_same_ether_addr(&header->dst_addr, &capture->pf_mac);
}

static void
hand_over(struct capture *capture, const struct rte_mbuf *m, const struct timespec *now)
{
	struct control_frame head = {
		.kind = CONTROL_FRAME,
		.bytes = RTE_MIN(m->pkt_len, capture->snap_bytes),
		.wire_bytes = m->pkt_len,
		.nanoseconds = now->tv_nsec,
		.seconds = now->tv_sec,
	};
	const void *data = rte_pktmbuf_read(m, 0, head.bytes, capture->frame);
	const struct iovec parts[] = {
		{ &head, sizeof(head) },
		{ (void *)(uintptr_t)data, head.bytes },
	};

	(void)control_stream_put(capture->stream, parts, 2);
}

static control_thread_end
capture_main(void *arg)
{
	const struct timespec idle = { .tv_nsec = IDLE_NS };
	struct capture *capture = arg;
	struct rte_mbuf *burst[BURST];
	struct timespec now;

	while (!atomic_load(&capture->stop)) {
		uint16_t nb = rte_eth_rx_burst(capture->port->port_id, 0, burst, BURST);

		clock_gettime(CLOCK_REALTIME, &now);
		for (uint16_t i = 0; i < nb; i++)
			if (!is_the_pfs(capture, burst[i]))
				hand_over(capture, burst[i], &now);
		rte_pktmbuf_free_bulk(burst, nb);
		if (nb == 0)
			(void)nanosleep(&idle, NULL);
	}
	return 0;
}

/* What has come since the port's start, or the last capture, is of nobody's interest. */
static void
empty_queue(uint16_t port_id)
{
	struct rte_mbuf *burst[BURST];
	uint16_t nb;

	while ((nb = rte_eth_rx_burst(port_id, 0, burst, BURST)) > 0)
		rte_pktmbuf_free_bulk(burst, nb);
}

static uint64_t
missed_by(const struct port *port)
{
	struct rte_eth_stats stats = { 0 };

	(void)rte_eth_stats_get(port->port_id, &stats);
	return stats.imissed;
}

/* @param why  filled on failure */
static int
switch_on(struct capture *capture, char why[CONTROL_ERROR_BYTES])
{
	struct port *port = capture->port;
	int rc = rte_eth_macaddr_get(port->port_id, &capture->pf_mac);

	if (rc == 0)
		rc = rte_pmd_sluice_only_mirrors(port->port_id, true);
	if (rc < 0) {
		snprintf(why, CONTROL_ERROR_BYTES, "capture: %s", strerror(-rc));
		return rc;
	}
	empty_queue(port->port_id);
	capture->missed = missed_by(port);
	pthread_mutex_lock(&port->lock);
	rc = service_capture(port->service, capture->vf, true);
	if (rc < 0)
		service_refusal(port->service, rc, why, CONTROL_ERROR_BYTES);
	pthread_mutex_unlock(&port->lock);
	if (rc < 0)
		(void)rte_pmd_sluice_only_mirrors(port->port_id, false);
	return rc;
}

static void
switch_off(struct capture *capture)
{
	struct port *port = capture->port;
	int rc;

	pthread_mutex_lock(&port->lock);
	rc = service_capture(port->service, capture->vf, false);
	pthread_mutex_unlock(&port->lock);
	if (rc < 0)
		log_line(CONFIG_LOG_ERROR, "%s vf %u: its capture's mirror: %s", port->iov.pci,
			 capture->vf, strerror(-rc));
	(void)rte_pmd_sluice_only_mirrors(port->port_id, false);
}

static void
end_capture(void *ctx)
{
	struct capture *capture = ctx;
	struct port *port = capture->port;
	struct control_frame end = { .kind = CONTROL_FRAMES_END };
	const struct iovec part = { &end, sizeof(end) };

	switch_off(capture);
	atomic_store(&capture->stop, true);
	pthread_join(capture->thread, NULL);
	end.nb = missed_by(port) - capture->missed;
	(void)control_stream_put(capture->stream, &part, 1);
	audit_change(port, capture->vf, "operator", "capture ended");
	port->capture = NULL;
	free(capture);
}

/* The operator's mirrors are his: none is changed, and none gets among what is captured. */
static char *
refuse_beside_mirrors(const struct port *port, uint16_t vf)
{
	char why[CONTROL_ERROR_BYTES];

	if (port->service->vf[vf].policy.mirror >= POLICY_MIRROR_VF) {
		snprintf(why, sizeof(why),
			 "vf %u: mirrored to vf %u already; set mirror none first", vf,
			 port->service->vf[vf].policy.mirror - POLICY_MIRROR_VF);
		return control_reply_error(EX_TEMPFAIL, why);
	}
	for (uint16_t i = 0; i < port->service->nb_vfs; i++) {
		if (i == vf || port->service->vf[i].policy.mirror != POLICY_MIRROR_PF)
			continue;
		snprintf(why, sizeof(why),
			 "vf %u: mirrored to the PF, as a capture is; set mirror none first", i);
		return control_reply_error(EX_TEMPFAIL, why);
	}
	return NULL;
}

static struct capture *
make_capture(struct port *port, const struct control_request *request)
{
	struct capture *capture = calloc(1, sizeof(*capture));

	if (capture == NULL)
		return NULL;
	capture->port = port;
	capture->vf = request->vf;
	capture->snap_bytes = request->snaplen == 0 ? CONTROL_SNAP_MAX : request->snaplen;
	capture->stream = control_stream_create(
		BUFFER_BYTES, &(struct control_stream_ops){ write_lost, end_capture, capture });
	if (capture->stream != NULL)
		return capture;
	free(capture);
	return NULL;
}

static char *
start(struct capture *capture, const struct control_peer *peer)
{
	char why[CONTROL_ERROR_BYTES];
	int rc = switch_on(capture, why);

	if (rc < 0)
		return control_reply_error(exit_code_of(rc), why);
	rc = control_thread_create(&capture->thread, "capture", capture_main, capture);
	if (rc != 0) {
		switch_off(capture);
		return control_reply_error(EX_OSERR, "capture: no thread for it");
	}
	snprintf(why, sizeof(why), "capture begun by uid %u (pid %d)", peer->uid, peer->pid);
	audit_change(capture->port, capture->vf, "operator", why);
	return NULL;
}

char *
capture_answer(struct port *port, const struct control_request *request,
	       const struct control_peer *peer, struct control_stream **stream)
{
	char *refusal = refuse_beside_mirrors(port, request->vf);
	struct capture *capture;

	if (refusal != NULL)
		return refusal;
	if (port->capture != NULL)
		return control_reply_error(EX_TEMPFAIL, "a capture runs on this port already");
	if (stream == NULL)
		return control_reply_error(EX_TEMPFAIL, "too many watch or capture already");
	capture = make_capture(port, request);
	if (capture == NULL)
		return control_reply_error(EX_OSERR, "out of memory");
	refusal = start(capture, peer);
	if (refusal != NULL) {
		control_stream_free(capture->stream);
		free(capture);
		return refusal;
	}
	port->capture = capture;
	*stream = capture->stream;
	return control_reply_ok();
}
