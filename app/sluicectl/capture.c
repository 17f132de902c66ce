/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * What a VF receives, into a file as tcpdump writes it. The filter is the CLI's work: the daemon,
 * which has the PF, runs nobody's programs.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sysexits.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "ctl.h"

#define FILTER_BYTES  4096
#define SECONDS_MAX   (100 * 86400)
#define COUNT_MAX     1000000000
#define LAST_WORDS_MS 5000

struct capture {
	const struct ctl *ctl;
	uint32_t snaplen;
	uint64_t count;	      /* to be captured; 0: no limit */
	uint64_t seconds;     /* 0: no limit */
	pcap_t *format;	      /* nothing is read from it */
	bool has_filter;
	struct bpf_program program;
	pcap_dumper_t *file;
	uint64_t captured, received, lost, missed;
	bool ended; /* by the daemon's last word */
	size_t used;
	uint8_t input[sizeof(struct control_frame) + CONTROL_SNAP_MAX];
};

/* @param min  and @p max: what is allowed. @return EX_OK or EX_USAGE */
static int
read_number(const char *option, const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	if (text == NULL)
		return EX_OK;
	errno = 0;
	*number = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || *number > max)
		return ctl_refuse("%s: %s is not in 0..%" PRIu64, option, text, max);
	return EX_OK;
}

static int
read_options(struct capture *capture)
{
	const struct ctl *ctl = capture->ctl;
	uint64_t snaplen = 0;
	int rc;

	if (ctl->file == NULL)
		return ctl_refuse("capture: into what? As in: -w FILE, or -w - for a pipe");
	rc = read_number("-c", ctl->count, COUNT_MAX, &capture->count);
	if (rc == EX_OK)
		rc = read_number("-s", ctl->snaplen, CONTROL_SNAP_MAX, &snaplen);
	if (rc == EX_OK)
		rc = read_number("--seconds", ctl->seconds, SECONDS_MAX, &capture->seconds);
	capture->snaplen = snaplen == 0 ? CONTROL_SNAP_MAX : snaplen;
	return rc;
}

/* What is left of the line, before anything is switched. */
static int
read_filter(struct capture *capture, int argc, char **argv)
{
	char text[FILTER_BYTES] = "";
	size_t used = 0;

	capture->format = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, capture->snaplen,
							       PCAP_TSTAMP_PRECISION_NANO);
	if (capture->format == NULL) {
		(void)ctl_refuse("out of memory");
		return EX_OSERR;
	}
	for (int i = 0; i < argc; i++) {
		used += snprintf(text + used, sizeof(text) - used, "%s%s", i == 0 ? "" : " ",
				 argv[i]);
		if (used >= sizeof(text))
			return ctl_refuse("filter: longer than %d bytes", FILTER_BYTES - 1);
	}
	if (used == 0)
		return EX_OK;
	if (pcap_compile(capture->format, &capture->program, text, 1, PCAP_NETMASK_UNKNOWN) < 0)
		return ctl_refuse("filter '%s': %s", text, pcap_geterr(capture->format));
	capture->has_filter = true;
	return EX_OK;
}

static void
on_frame(struct capture *capture, const struct control_frame *head, const uint8_t *frame)
{
	struct pcap_pkthdr header = {
		/* A file of nanosecond precision keeps them where microseconds would be. */
		.ts = { .tv_sec = head->seconds, .tv_usec = head->nanoseconds },
		.caplen = head->bytes,
		.len = head->wire_bytes,
	};

	if (capture->count != 0 && capture->captured == capture->count)
		return;
	capture->received++;
	if (capture->has_filter && pcap_offline_filter(&capture->program, &header, frame) == 0)
		return;
	if (header.caplen > capture->snaplen)
		header.caplen = capture->snaplen;
	pcap_dump((u_char *)capture->file, &header, frame);
	capture->captured++;
}

/* All whole records that have come. @return EX_OK or EX_PROTOCOL */
static int
take_records(struct capture *capture)
{
	struct control_frame head;
	size_t at = 0;

	while (capture->used - at >= sizeof(head)) {
		memcpy(&head, capture->input + at, sizeof(head));
		if (head.bytes > CONTROL_SNAP_MAX || head.kind < CONTROL_FRAME ||
		    head.kind > CONTROL_FRAMES_END) {
			(void)ctl_refuse("%s: sluiced's frames are of another version",
					 capture->ctl->socket);
			return EX_PROTOCOL;
		}
		if (capture->used - at < sizeof(head) + head.bytes)
			break;
		if (head.kind == CONTROL_FRAME)
			on_frame(capture, &head, capture->input + at + sizeof(head));
		else if (head.kind == CONTROL_FRAMES_LOST)
			capture->lost += head.nb;
		else
			capture->missed = head.nb;
		capture->ended |= head.kind == CONTROL_FRAMES_END;
		at += sizeof(head) + head.bytes;
	}
	capture->used -= at;
	memmove(capture->input, capture->input + at, capture->used);
	return EX_OK;
}

/* Who reads from a pipe sees each frame at once. */
static int
flush(const struct capture *capture)
{
	/* pcap_dump() returns nothing: a failed write shows on the stream only. */
	if (pcap_dump_flush(capture->file) == 0 && ferror(pcap_dump_file(capture->file)) == 0)
		return EX_OK;
	(void)ctl_refuse("%s: %s", capture->ctl->file, strerror(errno));
	return EX_IOERR;
}

static int
receive(struct capture *capture, int fd)
{
	ssize_t nb = recv(fd, capture->input + capture->used,
			  sizeof(capture->input) - capture->used, 0);
	int rc;

	if (nb < 0 && (errno == EAGAIN || errno == EINTR))
		return EX_OK;
	if (nb <= 0) {
		(void)ctl_refuse("sluiced has ended");
		return EX_UNAVAILABLE;
	}
	capture->used += nb;
	rc = take_records(capture);
	return rc == EX_OK ? flush(capture) : rc;
}

static int
open_timer(uint64_t seconds)
{
	const struct itimerspec after = { .it_value.tv_sec = seconds };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);

	if (fd >= 0)
		(void)timerfd_settime(fd, 0, &after, NULL);
	return fd;
}

/* Until Ctrl-C, the time or the number: what had been captured by then is told by a last word. */
static int
run(struct capture *capture, int fd, int end_fd, int timer_fd)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = end_fd, .events = POLLIN },
		{ .fd = timer_fd, .events = POLLIN },
	};
	bool finishing = false;
	int rc = EX_OK;

	while (rc == EX_OK && !capture->ended) {
		bool enough = capture->count != 0 && capture->captured == capture->count;
		int nb = 0;

		if (!enough || finishing)
			nb = poll(fds, finishing ? 1 : 3, finishing ? LAST_WORDS_MS : -1);
		if (nb == 0 && finishing) {
			(void)ctl_refuse("sluiced does not answer");
			return EX_UNAVAILABLE;
		}
		if (nb > 0 && fds[0].revents != 0)
			rc = receive(capture, fd);
		if (!finishing && (enough || fds[1].revents != 0 || fds[2].revents != 0)) {
			shutdown(fd, SHUT_WR);
			finishing = true;
		}
	}
	return rc;
}

static void
print_summary(const struct capture *capture)
{
	FILE *stream = strcmp(capture->ctl->file, "-") == 0 ? stderr : stdout;

	if (capture->ctl->json) {
		fprintf(stream,
			"{\"ok\":true,\"captured\":%" PRIu64 ",\"received\":%" PRIu64
			",\"dropped\":%" PRIu64 ",\"missed\":%" PRIu64 "}\n",
			capture->captured, capture->received, capture->lost, capture->missed);
		return;
	}
	fprintf(stderr,
		"%" PRIu64 " packets captured\n"
		"%" PRIu64 " packets received by filter\n"
		"%" PRIu64 " packets dropped by sluiced\n"
		"%" PRIu64 " packets dropped by interface\n",
		capture->captured, capture->received, capture->lost, capture->missed);
}

/* The daemon first: a file that is there is not emptied for a capture that is refused. */
static int
capture_to_file(struct capture *capture, const struct control_request *request)
{
	int end_fd = ctl_until_ended(), timer_fd = open_timer(capture->seconds), fd = -1;
	int rc = EX_OSERR;

	if (end_fd < 0 || timer_fd < 0) {
		(void)ctl_refuse("signalfd or timerfd: %s", strerror(errno));
		goto close_fds;
	}
	rc = ctl_open(capture->ctl, request, &fd);
	if (rc != EX_OK)
		goto close_fds;
	capture->file = pcap_dump_open(capture->format, capture->ctl->file);
	if (capture->file == NULL) {
		(void)ctl_refuse("%s", pcap_geterr(capture->format));
		rc = EX_CANTCREAT;
		goto close_socket;
	}
	rc = flush(capture);
	if (rc == EX_OK)
		rc = run(capture, fd, end_fd, timer_fd);
	pcap_dump_close(capture->file);
	print_summary(capture);
close_socket:
	close(fd);
close_fds:
	if (end_fd >= 0)
		close(end_fd);
	if (timer_fd >= 0)
		close(timer_fd);
	return rc;
}

int
capture_main(struct ctl *ctl, int argc, char **argv)
{
	static struct capture capture; /* large */
	struct control_request request;
	int rc = ctl_request(ctl, CONTROL_CAPTURE, &request);

	argc--;
	argv++;
	capture.ctl = ctl;
	if (rc == EX_OK)
		rc = ctl_target(&request, &argc, &argv);
	if (rc == EX_OK && request.vf == CONTROL_VF_NONE)
		rc = ctl_refuse("capture: which VF? As in: capture vf 0 -w FILE");
	if (rc == EX_OK)
		rc = read_options(&capture);
	if (rc == EX_OK)
		rc = read_filter(&capture, argc, argv);
	/* A filter sees whole frames: they are cut here, and else there. */
	if (rc == EX_OK && !capture.has_filter && capture.snaplen < CONTROL_SNAP_MAX)
		request.snaplen = capture.snaplen;
	if (rc == EX_OK)
		rc = capture_to_file(&capture, &request);
	if (capture.has_filter)
		pcap_freecode(&capture.program);
	if (capture.format != NULL)
		pcap_close(capture.format);
	return rc;
}
