/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/*
 * The audit log's lines for those who watch, as they are made: by either thread, which never waits
 * for a reader (stream.h).
 */

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "daemon.h"

#define BUFFER_BYTES (64 * 1024) /* some 400 lines */

struct watcher {
	struct control_stream *stream;
	char pci[PCI_BYTES]; /* empty: all ports */
	int vf;              /* or CONTROL_VF_NONE: all of them */
	struct watcher *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* after a port's, before a stream's */
static struct watcher *watchers;
static atomic_uint nb_watchers;

bool
events_are_wanted(void)
{
	return atomic_load_explicit(&nb_watchers, memory_order_relaxed) > 0;
}

/* What is not one VF's, such as the link, is of interest to who watches any of them. */
static bool
is_for(const struct watcher *watcher, const char *pci, int vf)
{
	return (watcher->pci[0] == '\0' || strcmp(watcher->pci, pci) == 0) &&
	       (watcher->vf == CONTROL_VF_NONE || vf == CONTROL_VF_NONE || watcher->vf == vf);
}

void
events_publish(const char *pci, int vf, const char *line, size_t bytes)
{
	const struct iovec part = { (void *)(uintptr_t)line, bytes };

	pthread_mutex_lock(&lock);
	for (struct watcher *watcher = watchers; watcher != NULL; watcher = watcher->next)
		if (is_for(watcher, pci, vf))
			(void)control_stream_put(watcher->stream, &part, 1);
	pthread_mutex_unlock(&lock);
}

static size_t
write_lost(char record[STREAM_LOST_BYTES], uint64_t nb)
{
	return snprintf(record, STREAM_LOST_BYTES, "{\"lost\":%" PRIu64 "}\n", nb);
}

static void
end_watcher(void *ctx)
{
	struct watcher *watcher = ctx, **link;

	pthread_mutex_lock(&lock);
	for (link = &watchers; *link != watcher; link = &(*link)->next)
		;
	*link = watcher->next;
	pthread_mutex_unlock(&lock);
	atomic_fetch_sub(&nb_watchers, 1);
	free(watcher);
}

char *
events_answer(const struct control_request *request, struct control_stream **stream)
{
	struct watcher *watcher;

	if (stream == NULL)
		return control_reply_error(EX_TEMPFAIL, "too many watch or capture already");
	watcher = calloc(1, sizeof(*watcher));
	if (watcher == NULL)
		return control_reply_error(EX_OSERR, "out of memory");
	watcher->stream = control_stream_create(
		BUFFER_BYTES, &(struct control_stream_ops){ write_lost, end_watcher, watcher });
	if (watcher->stream == NULL) {
		free(watcher);
		return control_reply_error(EX_OSERR, "out of memory");
	}
	memcpy(watcher->pci, request->pci, sizeof(watcher->pci));
	watcher->vf = request->vf;
	pthread_mutex_lock(&lock);
	watcher->next = watchers;
	watchers = watcher;
	pthread_mutex_unlock(&lock);
	atomic_fetch_add(&nb_watchers, 1);
	*stream = watcher->stream;
	return control_reply_ok();
}
