"""What a report holds, of a case and of a cohort, in plain values.

Left is the patient's left; volumes are in mL, lengths in mm; None is what is not known.
"""
