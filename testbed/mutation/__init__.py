"""Mutation check: would the tests notice if one operator or constant of a model were another?"""
