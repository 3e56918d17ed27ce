"""The modules behind `./clinic`: Python standard library only.

main.py reads the arguments; setup.py lists the steps that make a machine
ready; every other module does one of those things and can be read alone.
"""
