"""Any picture to EMNIST's own 28×28 form: decode → sheet → light → paper → lines → parts → ink."""
