// What clang's analysis of locks (-Wthread-safety) is told: which lock guards what, and which
// functions take, want or give back a lock. Other compilers see nothing of it.
//
// Macros, because there is no other way: clang takes several of these attributes in their GNU
// spelling only, and only in that spelling may they name a member that is declared further below.
// They are named as clang names its attributes, see its manual, "Thread Safety Analysis".
#pragma once

#ifdef __clang__
#define IIP_THREAD_ANNOTATION(attribute) __attribute__((attribute))
#else
#define IIP_THREAD_ANNOTATION(attribute)
#endif

// These mark classes: a lock, and a guard, which holds a lock while it lives.
#define IIP_CAPABILITY(kind) IIP_THREAD_ANNOTATION(capability(kind))
#define IIP_SCOPED_CAPABILITY IIP_THREAD_ANNOTATION(scoped_lockable)

// Marks a member that is read and written only while the lock is held.
#define IIP_GUARDED_BY(lock) IIP_THREAD_ANNOTATION(guarded_by(lock))

// Marks a function whose caller holds the lock, before and after the call.
#define IIP_REQUIRES(...) IIP_THREAD_ANNOTATION(requires_capability(__VA_ARGS__))
// These mark functions: one takes the lock (without an argument: the one that the object is, or
// guards); one gives it back; one takes it if the function returns the first argument.
#define IIP_ACQUIRE(...) IIP_THREAD_ANNOTATION(acquire_capability(__VA_ARGS__))
#define IIP_RELEASE(...) IIP_THREAD_ANNOTATION(release_capability(__VA_ARGS__))
#define IIP_TRY_ACQUIRE(...) IIP_THREAD_ANNOTATION(try_acquire_capability(__VA_ARGS__))
