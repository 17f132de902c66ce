/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026, the Sluice authors
 */

/**
 * @file
 * SR-IOV manager: takes a PF from its kernel driver, makes its VFs, and puts everything back.
 *
 * All through sysfs and vfio's device nodes; no DPDK. The order a PF needs is
 * iov_check_host(), iov_check_port(), iov_port_create(), then whoever opens the PF through vfio and
 * serves its VFs, iov_port_bind_vfs(), and iov_port_destroy() once the PF is closed again.
 * Functions return 0 or -errno and leave one line for the operator: what is wrong and, where a
 * command mends it, the command. Not thread-safe.
 */
#ifndef SLUICE_IOV_H
#define SLUICE_IOV_H

#include <stdbool.h>
#include <stddef.h>

#define IOV_PCI_BYTES    13 /**< "0000:01:00.0" and its end */
#define IOV_DRIVER_BYTES 32
#define IOV_TOKEN_BYTES  37 /**< a UUID's 36 characters and its end */
#define IOV_LINE_BYTES   400
#define IOV_VFS_MAX      64
#define IOV_PROBLEMS_MAX 16

/** What touches the kernel, so that a test can be the kernel: 0, or a -errno. */
struct iov_io {
	int (*write)(const char *path, const char *text);
	/** Open the vfio group, so that nobody else can: a descriptor; -EBUSY: somebody has it. */
	int (*open_group)(const char *path);
};

/** Where the kernel's file systems are. The strings must outlive all use. */
struct iov_root {
	const char *sysfs, *dev, *proc;
	const struct iov_io *io;
};

/** /sys, /dev, /proc of this machine. */
extern const struct iov_root iov_root_system;

/** One thing that is wrong. */
struct iov_problem {
	int rc;                    /**< -errno */
	char line[IOV_LINE_BYTES]; /**< without a newline */
};

struct iov_problems {
	unsigned int nb;
	struct iov_problem problem[IOV_PROBLEMS_MAX]; /**< those beyond the last are dropped */
};

/** What the operator wants of one PF. */
struct iov_request {
	const char *pci;                    /**< dddd:bb:dd.f */
	unsigned int num_vfs;               /**< 0..IOV_VFS_MAX */
	bool restore;                       /**< iov_port_destroy() puts back what was found */
	const char *state_dir;              /**< where the PF's first state outlives a crash */
	const char *vf_driver[IOV_VFS_MAX]; /**< NULL: vfio-pci */
};

/** How a PF was found. */
struct iov_original {
	char driver[IOV_DRIVER_BYTES];   /**< empty: none was bound */
	char override[IOV_DRIVER_BYTES]; /**< driver_override; empty: none */
	unsigned int num_vfs;
};

/** A PF on vfio-pci with its VFs. */
struct iov_port {
	struct iov_root root;
	char pci[IOV_PCI_BYTES];
	char state_path[256];
	bool restore;
	struct iov_original original;
	unsigned int num_vfs;
	char vf_pci[IOV_VFS_MAX][IOV_PCI_BYTES];
	char vf_driver[IOV_VFS_MAX][IOV_DRIVER_BYTES];
};

/**
 * Is this machine fit for vfio: IOMMU, vfio-pci with enable_sriov, permissions, free huge pages,
 * lockable memory? Changes nothing. Every failing check adds one problem.
 *
 * @param hugepages_mb  memory the caller is going to take, megabytes
 * @return 0, or the first problem's -errno
 */
int iov_check_host(const struct iov_root *root, unsigned int hugepages_mb,
		   struct iov_problems *problems);

/**
 * Is this PF fit to be taken: it exists, has SR-IOV and enough VFs, its IOMMU group is viable, and
 * nobody uses it or the VFs that would have to go? Changes nothing.
 *
 * @return 0, or the first problem's -errno: -ENODEV, -ERANGE (num_vfs), -EBUSY (in use)
 */
int iov_check_port(const struct iov_root *root, const struct iov_request *request,
		   struct iov_problems *problems);

/**
 * Bind the PF to vfio-pci and make its VFs, which vfio-pci gets too. VFs that are there already
 * and right in number are kept: they are what a crash of the previous owner leaves.
 *
 * @param port  filled on success
 * @return 0; or -errno with everything put back as it was and @p problem filled
 */
int iov_port_create(const struct iov_root *root, const struct iov_request *request,
		    struct iov_port *port, struct iov_problem *problem);

/**
 * A PF and VFs that somebody else made and bound, and will go on doing so: @p port is filled,
 * nothing is touched or checked. VFs that sysfs does not know have no address.
 */
void iov_port_external(const struct iov_root *root, const struct iov_request *request,
		       struct iov_port *port);

/**
 * Give each VF to its driver; to be called when the PF serves them, as a driver that finds no PF
 * gives up. A kernel driver that has its VF already gets it anew: when the PF's previous owner
 * went, the PF was reset, and so were the VF's interrupts and its access to the bus.
 *
 * @return 0; or -errno with the drivers put back as they were and @p problem filled
 */
int iov_port_bind_vfs(const struct iov_port *port, struct iov_problem *problem);

/** Would iov_port_set_vfs() be refused? Changes nothing; -ERANGE, -EBUSY, or another -errno. */
int iov_port_check_vfs(const struct iov_port *port, unsigned int num_vfs,
		       struct iov_problem *problem);

/**
 * Go over to another number of VFs while the PF is open, by way of none, as that is how the kernel
 * does it. They are made, and not given to their drivers yet: see iov_port_bind_vfs(). Whoever
 * opened the PF is to set it up anew.
 *
 * VFs that are in use are left alone, all of them: by a process, which the kernel would wait for
 * until it lets go, or by a netdev that is up. Nobody can open one while they go.
 *
 * @param request  of the same PF
 * @param touched  on return, also on failure: whether there were changes, if only for a while
 * @return 0; -ERANGE there cannot be so many; -EBUSY in use; or another -errno. On failure
 *         @p problem is filled, and the former number put back if the kernel lets it
 */
int iov_port_set_vfs(struct iov_port *port, const struct iov_request *request, bool *touched,
		     struct iov_problem *problem);

/**
 * Has this function no access to the bus, as after a function-level reset and before whoever comes
 * next has opened it? Its driver's own reset leaves that access on.
 *
 * @param pci  empty: not known
 * @return true too where it cannot be told
 */
bool iov_function_is_off(const struct iov_root *root, const char *pci);

/**
 * Put the PF back as it was found, VFs and driver; without `restore`, leave everything.
 *
 * The caller must have closed the PF. Nothing is touched when the PF or a VF is in use: removing a
 * device that vfio has handed out blocks until its user lets go.
 *
 * @return 0; -EBUSY in use; or the -errno of the write that failed, @p problem filled
 */
int iov_port_destroy(struct iov_port *port, struct iov_problem *problem);

/**
 * The secret that users of PF and VFs share (vfio's VF token, a UUID): read from @p path, or made
 * anew and kept there with mode 0600.
 *
 * @return 0; -EINVAL the file holds no UUID or others may read it; or another -errno
 */
int iov_token_load(const char *path, char token[IOV_TOKEN_BYTES], struct iov_problem *problem);

#endif /* SLUICE_IOV_H */
