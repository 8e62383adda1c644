"""A small checker of certificates that shares no line of code with the engine that issued them.

It imports the standard library and nothing else of Ringwall, so that an auditor can read it in one
sitting, or copy this folder out and run it by itself: ``python -m verify CERTIFICATE``.
"""
