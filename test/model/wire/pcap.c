/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * A wire between two capture files.
 *
 * The file to receive from is read into memory at once, so that playing it costs nothing later.
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"

#define RX_BYTES_MAX   (256u << 20)	/* of all frames of a file */
#define FLUSH_AFTER_NS 100000000	/* a reader of the dump file need not wait for our end */

struct pcap_wire {
	struct wire wire;
	char *rx_file, *tx_file;
	bool loop;

	uint8_t *data;			/**< all frames, one behind the other */
	size_t data_bytes, data_room;
	struct wire_frame *frame;	/**< data is filled in when all are read */
	unsigned int nb_frames, frame_room, next;

	pcap_t *dead;			/**< says what kind of dump file it is */
	pcap_dumper_t *dump;
	bool dirty;
	uint64_t flushed_ns;
};

static unsigned int
dump_frames(struct wire *wire, const struct wire_frame *frame, unsigned int nb)
{
	struct pcap_wire *pcap = (struct pcap_wire *)wire;
	uint64_t now_ns;
	unsigned int i;

	if (pcap->dump == NULL)
		return wire_sent(wire, frame, nb, nb);
	now_ns = wire_clock_ns(CLOCK_REALTIME);
	for (i = 0; i < nb; i++) {
		const struct pcap_pkthdr header = {
			/* The file was opened for nanoseconds: they go where the name says us. */
			.ts = { .tv_sec = (time_t)(now_ns / 1000000000),
				.tv_usec = (suseconds_t)(now_ns % 1000000000) },
			.caplen = frame[i].len,
			.len = frame[i].len,
		};

		pcap_dump((u_char *)pcap->dump, &header, frame[i].data);
	}
	pcap->dirty = true;
	return wire_sent(wire, frame, nb, nb);
}

static unsigned int
play_frames(struct wire *wire, struct wire_frame *frame, unsigned int nb)
{
	struct pcap_wire *pcap = (struct pcap_wire *)wire;
	unsigned int i;

	if (pcap->dirty) {
		uint64_t now_ns = wire_clock_ns(CLOCK_MONOTONIC);

		if (now_ns - pcap->flushed_ns > FLUSH_AFTER_NS) {
			pcap_dump_flush(pcap->dump);
			pcap->flushed_ns = now_ns;
			pcap->dirty = false;
		}
	}
	for (i = 0; i < nb; i++) {
		if (pcap->next == pcap->nb_frames && pcap->loop)
			pcap->next = 0;
		if (pcap->next == pcap->nb_frames)
			break;
		frame[i] = pcap->frame[pcap->next++];
	}
	return wire_received(wire, frame, i);
}

static int
no_fd(struct wire *wire)
{
	(void)wire;
	return -1;
}

static void
free_wire(struct wire *wire)
{
	struct pcap_wire *pcap = (struct pcap_wire *)wire;

	if (pcap->dump != NULL)
		pcap_dump_close(pcap->dump);
	if (pcap->dead != NULL)
		pcap_close(pcap->dead);
	free(pcap->frame);
	free(pcap->data);
	free(pcap->rx_file);
	free(pcap->tx_file);
	free(pcap);
}

/* Twice the room when there is too little. */
static int
grow(void **array, size_t element_bytes, size_t needed, size_t *room)
{
	size_t wanted = *room == 0 ? 64 : *room;
	void *larger;

	if (needed <= *room)
		return 0;
	while (wanted < needed)
		wanted *= 2;
	larger = realloc(*array, wanted * element_bytes);
	if (larger == NULL)
		return -ENOMEM;
	*array = larger;
	*room = wanted;
	return 0;
}

static int
keep_frame(struct pcap_wire *pcap, const u_char *data, uint32_t len)
{
	size_t room = pcap->frame_room;
	int rc;

	rc = grow((void **)&pcap->data, 1, pcap->data_bytes + len, &pcap->data_room);
	if (rc == 0)
		rc = grow((void **)&pcap->frame, sizeof(*pcap->frame), pcap->nb_frames + 1, &room);
	if (rc < 0)
		return rc;
	pcap->frame_room = (unsigned int)room;
	memcpy(&pcap->data[pcap->data_bytes], data, len);
	pcap->data_bytes += len;
	pcap->frame[pcap->nb_frames++].len = len;
	return 0;
}

static int
read_frames(const struct wire_spec *spec, struct pcap_wire *pcap, pcap_t *in)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	size_t at = 0;
	unsigned int i;
	int rc;

	while ((rc = pcap_next_ex(in, &header, &data)) == 1) {
		if (header->caplen < header->len || header->len > WIRE_FRAME_MAX) {
			wire_fail(spec, "frame %u of rx=%s has %u of %u bytes; whole ones of up to "
				  "%u are wanted", pcap->nb_frames + 1, pcap->rx_file,
				  header->caplen, header->len, WIRE_FRAME_MAX);
			return -EINVAL;
		}
		if (pcap->data_bytes + header->len > RX_BYTES_MAX) {
			wire_fail(spec, "rx=%s has more than %u MB of frames", pcap->rx_file,
				  RX_BYTES_MAX >> 20);
			return -EFBIG;
		}
		if (keep_frame(pcap, data, header->len) < 0) {
			wire_fail(spec, "no memory for the frames of rx=%s", pcap->rx_file);
			return -ENOMEM;
		}
	}
	if (rc != PCAP_ERROR_BREAK) {
		wire_fail(spec, "rx=%s: %s", pcap->rx_file, pcap_geterr(in));
		return -EIO;
	}
	for (i = 0; i < pcap->nb_frames; i++) {
		pcap->frame[i].data = &pcap->data[at];
		at += pcap->frame[i].len;
	}
	return 0;
}

static int
open_rx(const struct wire_spec *spec, struct pcap_wire *pcap)
{
	char reason[PCAP_ERRBUF_SIZE];
	pcap_t *in;
	int rc;

	in = pcap_open_offline(pcap->rx_file, reason);
	if (in == NULL) {
		wire_fail(spec, "rx=%s cannot be read: %s", pcap->rx_file, reason);
		return -EIO;
	}
	if (pcap_datalink(in) == DLT_EN10MB) {
		rc = read_frames(spec, pcap, in);
	} else {
		wire_fail(spec, "rx=%s does not hold Ethernet frames", pcap->rx_file);
		rc = -EINVAL;
	}
	pcap_close(in);
	return rc;
}

static int
open_tx(const struct wire_spec *spec, struct pcap_wire *pcap)
{
	pcap->dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, WIRE_FRAME_MAX,
							  PCAP_TSTAMP_PRECISION_NANO);
	if (pcap->dead == NULL) {
		wire_fail(spec, "no memory");
		return -ENOMEM;
	}
	pcap->dump = pcap_dump_open(pcap->dead, pcap->tx_file);
	if (pcap->dump == NULL) {
		wire_fail(spec, "tx=%s cannot be written: %s", pcap->tx_file,
			  pcap_geterr(pcap->dead));
		return -EIO;
	}
	return 0;
}

static int
parse(const struct wire_spec *spec, struct pcap_wire *pcap)
{
	const struct wire_option options[] = {
		{ "rx", WIRE_FILE, &pcap->rx_file },
		{ "tx", WIRE_FILE, &pcap->tx_file },
		{ "loop", WIRE_FLAG, &pcap->loop },
	};

	return wire_options(spec, options, sizeof(options) / sizeof(options[0]));
}

struct wire *
wire_pcap_create(const struct wire_spec *spec)
{
	static const struct wire_ops ops = {
		.name = "pcap",
		.send = dump_frames,
		.recv = play_frames,
		.fd = no_fd,
		.free = free_wire,
	};
	struct pcap_wire *pcap = calloc(1, sizeof(*pcap));
	int rc;

	if (pcap == NULL) {
		wire_fail(spec, "no memory");
		return NULL;
	}
	pcap->wire.ops = &ops;
	pcap->wire.mbps = WIRE_MBPS;
	rc = parse(spec, pcap);
	if (rc == 0 && pcap->rx_file != NULL)
		rc = open_rx(spec, pcap);
	if (rc == 0 && pcap->tx_file != NULL)
		rc = open_tx(spec, pcap);
	if (rc < 0) {
		free_wire(&pcap->wire);
		return NULL;
	}
	return &pcap->wire;
}
