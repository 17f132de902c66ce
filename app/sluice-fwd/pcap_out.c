/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <pcap/pcap.h>

#include "options.h"
#include "pcap_out.h"

struct pcap_out {
	pcap_t *format; /* link type and snaplen; nothing is read from it */
	pcap_dumper_t *file;
	struct bpf_program program;
	bool filtered;
};

static int
compile(struct pcap_out *out, const char *filter, char *why)
{
	if (filter == NULL)
		return 0;
	if (pcap_compile(out->format, &out->program, filter, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		snprintf(why, WHY_BYTES, "--capture-filter '%s': %s", filter,
			 pcap_geterr(out->format));
		return -EINVAL;
	}
	out->filtered = true;
	return 0;
}

struct pcap_out *
pcap_out_open(const char *file, const char *filter, uint32_t snaplen_bytes, char *why)
{
	struct pcap_out *out = calloc(1, sizeof(*out));
	int rc = EIO;

	if (out == NULL)
		goto no_memory;
	out->format = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, snaplen_bytes,
							   PCAP_TSTAMP_PRECISION_NANO);
	if (out->format == NULL)
		goto free_out;
	if (compile(out, filter, why) < 0) {
		rc = EINVAL;
		goto close_format;
	}
	out->file = pcap_dump_open(out->format, file);
	if (out->file == NULL) {
		snprintf(why, WHY_BYTES, "--capture: %s", pcap_geterr(out->format));
		goto free_program;
	}
	return out;

free_program:
	if (out->filtered)
		pcap_freecode(&out->program);
close_format:
	pcap_close(out->format);
	free(out);
	errno = rc;
	return NULL;
free_out:
	free(out);
no_memory:
	snprintf(why, WHY_BYTES, "--capture %s: out of memory", file);
	errno = rc;
	return NULL;
}

bool
pcap_out_write(struct pcap_out *out, const struct timespec *when, const uint8_t *data,
	       uint32_t bytes, uint32_t wire_bytes)
{
	struct pcap_pkthdr header = {
		/* A file of nanosecond precision keeps them where microseconds would be. */
		.ts = { .tv_sec = when->tv_sec, .tv_usec = when->tv_nsec },
		.caplen = bytes,
		.len = wire_bytes,
	};

	if (out->filtered && pcap_offline_filter(&out->program, &header, data) == 0)
		return false;
	pcap_dump((u_char *)out->file, &header, data);
	return true;
}

bool
pcap_out_flush(struct pcap_out *out)
{
	/* pcap_dump() returns nothing: a failed write shows on the stream only. */
	return pcap_dump_flush(out->file) == 0 && ferror(pcap_dump_file(out->file)) == 0;
}

void
pcap_out_close(struct pcap_out *out)
{
	pcap_dump_close(out->file);
	if (out->filtered)
		pcap_freecode(&out->program);
	pcap_close(out->format);
	free(out);
}
